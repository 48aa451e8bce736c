"""The tables: nouns with verbs. Nothing here knows of HTTP, Twilio or Rasa."""
