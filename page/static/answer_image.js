// Draws image, heat map and answer on one image, in the words that the page shows.
const WIDTH = 1080; // pixels
const MARGIN = 40;
const IMAGE_HEIGHT = 480;
const FONT = "system-ui, sans-serif";
const COLOURS = { sure: "#0f766e", unsure: "#b45309", text: "#0f172a", quiet: "#475569", bar: "#e2e8f0" };

const load = async (address) => {
  const image = new Image();
  image.crossOrigin = "anonymous"; // or an app in another page could not be saved
  image.src = address;
  return image.decode().then(() => image, () => null);
};

const drawAnswer = async (canvas, title) => {
  const card = document.querySelector("gradio-app .answer");
  const words = (selector) => card.querySelector(selector)?.innerText ?? "";
  const heat = imageApp.explanationOpen && document.querySelector("gradio-app .heat")?.src;
  const addresses = [imageApp.shownUrl(), heat].filter(Boolean);
  const images = (await Promise.all(addresses.map(load))).filter(Boolean);
  const context = canvas.getContext("2d");
  const inner = WIDTH - 2 * MARGIN;

  // Called twice: first to learn the height, since a new height empties the canvas.
  const draw = () => {
    let y = MARGIN;
    const write = (text, size, { weight = 400, colour = COLOURS.text } = {}) => {
      context.font = `${weight} ${size}px ${FONT}`;
      context.fillStyle = colour;
      context.textBaseline = "top";
      let line = "";
      for (const word of [...text.split(/[ \n]+/), null]) {
        const longer = line ? `${line} ${word}` : word;
        if (word !== null && context.measureText(longer).width <= inner) line = longer;
        else {
          context.fillText(line, MARGIN, y);
          y += Math.round(size * 1.4);
          line = word;
        }
      }
    };
    context.fillStyle = "white";
    context.fillRect(0, 0, WIDTH, canvas.height);
    write(title, 36, { weight: 700 });
    y += 12;
    const column = inner / images.length;
    images.forEach((image, i) => {
      const room = column - (images.length - 1) * 10;
      const scale = Math.min(room / image.naturalWidth, IMAGE_HEIGHT / image.naturalHeight);
      const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
      const x = MARGIN + i * column + (column - width) / 2;
      context.drawImage(image, x, y + (IMAGE_HEIGHT - height) / 2, width, height);
    });
    y += IMAGE_HEIGHT + 16;
    if (heat) write(document.querySelector("gradio-app .caution").innerText, 20, { colour: COLOURS.quiet });
    y += 8;
    const label = words("h2");
    write(label[0].toUpperCase() + label.slice(1), 44, { weight: 700 });
    for (const text of card.querySelectorAll(".verdict p, .frames")) write(text.innerText, 22);
    y += 8;
    for (const meter of card.querySelectorAll(".meter")) {
      const top = meter.classList.contains("top");
      const line = y;
      write(meter.querySelector(".name").innerText, 22, { weight: top ? 700 : 400 });
      const share = meter.querySelector(".share").innerText;
      context.fillText(share, WIDTH - MARGIN - context.measureText(share).width, line);
      const [x, width] = [MARGIN + 160, inner - 300];
      context.fillStyle = COLOURS.bar;
      context.fillRect(x, line + 6, width, 14);
      context.fillStyle = top ? COLOURS[card.classList.contains("unsure") ? "unsure" : "sure"] : "#94a3b8";
      context.fillRect(x, line + 6, (width * meter.ariaValueNow) / 100, 14);
      y += 6;
    }
    y += 12;
    write(words(".no-device"), 20, { colour: COLOURS.quiet });
    return y + MARGIN;
  };

  canvas.width = WIDTH;
  canvas.height = draw();
  draw();
};

const saveImage = async (title) => {
  const canvas = document.createElement("canvas");
  await drawAnswer(canvas, title);
  const name = (imageApp.shown?.image?.path ?? "").split(/[\\/]/).pop().replace(/\.\w+$/, "");
  canvas.toBlob((blob) => saveAs(blob, `${name}-answer.png`));
};
