// The one-line embed: loads the chat from where this script came from, and changes nothing on the host page.
// <script src="https://…/widget.js" data-color="#0f5c6e" data-text-color="#ffffff" data-greeting="…"
//  data-position="left" async></script>
{
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const settings = {/* settings */};
  const base = new URL(".", script.src).href;
  import(`${base}widget/${settings.version}/element.js`)
    .then(({ open }) => open({ ...settings, base, ...script.dataset }))
    .catch((error) => {
      console.error("The Bedside chat could not be loaded.", error);
      for (const place of document.querySelectorAll("bedside-chat")) place.classList.add("failed");
    });
}
