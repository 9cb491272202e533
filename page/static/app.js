// What the scripts of the page share; Gradio runs each of them on its own. The file in brackets sets a
// member when it is loaded.
window.imageApp ??= {
  // Takes files as the visitor's images. [images.js; before that, they are kept in `early`]
  send: (files) => {
    imageApp.early = files;
  },
  // Files that were chosen or dropped before the page was complete.
  early: null,
  // Takes an example, by the key of its caption. [images.js]
  sendExample: null,
  // Asks the server about an example. [examples_listeners.js]
  askExample: null,
  // The image on the server that Gradio's listener asks about. [images.js]
  asked: null,
  // Takes what the server replied, from Gradio's listeners. [images.js]
  reply: null,
  // What is shown: its `image` as Gradio takes it, and the `answer` in the card. [images.js]
  shown: null,
  // Says in the card why there is no image where one was meant, by the name of a state. [images.js]
  say: null,
  // Stops sending the image that is shown; sends it again; removes all images. [images.js]
  cancel: null,
  again: null,
  clear: null,
  // Whether "Why this answer?" is open, and the path of the image that it explains.
  explanationOpen: false,
  explained: null,
  // Returns what Gradio is to send for an explanation, or throws. [images.js]
  explain: null,
  // Shows an image instead of a file that the browser cannot show. [gradio_compat: preview.js]
  showPreview: null,
  // Returns the address of the image as the visitor sees it. [gradio_compat: preview.js]
  shownUrl: null,
  // Shows the page instead of its skeleton. [gradio_compat: early.js, not where the page is embedded]
  showPage: () => {},
};
