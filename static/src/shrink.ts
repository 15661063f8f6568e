// Photographs are made smaller before they travel: a digit needs no 12 megapixels, and phones have slow lines.

const side = 1600; // px, the longer one
const small = 300 * 1024; // bytes; less is sent as it is

// shrink returns a smaller JPEG of a photograph. What is small already, or can't be read by the browser
// (an iPhone's HEIC in most of them), is returned as it is: the server has words for it.
export async function shrink(file: File): Promise<File> {
  if (file.size < small || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const c = canvas.getContext("2d");
    if (!c) return file;
    c.fillStyle = "#fff"; // what is transparent lies on white, as on the server
    c.fillRect(0, 0, canvas.width, canvas.height);
    c.imageSmoothingQuality = "high";
    c.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.9));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file; // not a picture that this browser reads
  }
}
