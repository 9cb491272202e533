// Scales a large photo down before it is sent: the network sees a small square of it anyway.
// `python -m train scaled-photos` measures that predictions stay the same.
const LONGEST_SIDE = 1024; // pixels; docs/results.md compares it with other sides
const SMALL = 300_000; // bytes, sent in no time
const PHOTOS = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif"];

// 16-bit PNG are scans, and of animations the app looks at more than one frame.
const isOrdinary = async (file) => {
  const start = new Uint8Array(await file.slice(0, 65_536).arrayBuffer());
  const text = new TextDecoder("latin1").decode(start);
  const deep = text.slice(1, 4) === "PNG" && start[24] === 16;
  return !deep && !["acTL", "ANIM", "avis"].some((mark) => text.includes(mark));
};

const draw = (image, width, height) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // where it is transparent, as the app has it
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  return canvas;
};

const shrink = async (file) => {
  if (!PHOTOS.includes(file.type) || file.size < SMALL) return file;
  try {
    if (!(await isOrdinary(file))) return file;
    const bitmap = await createImageBitmap(file); // upright, as its EXIF says
    const scale = LONGEST_SIDE / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const [width, height] = [bitmap.width, bitmap.height].map((side) =>
      Math.max(1, Math.round(side * scale))
    );
    // By halves, since a larger step leaves out pixels that the app would have averaged.
    let image = bitmap;
    while (image.width >= 2 * width && image.height >= 2 * height)
      image = draw(image, Math.round(image.width / 2), Math.round(image.height / 2));
    image = draw(image, width, height);
    bitmap.close();
    const blob = await new Promise((done) => image.toBlob(done, "image/jpeg", 0.9));
    return new File([blob], file.name, { type: "image/jpeg" });
  } catch {
    return file; // which this browser cannot decode, or no longer read
  }
};
