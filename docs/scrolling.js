// What scrolls sideways is reached with the keyboard.
const reach = () => {
  for (const each of document.querySelectorAll("pre code, .md-typeset__scrollwrap")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
  }
};
addEventListener("load", reach);
addEventListener("resize", reach);
