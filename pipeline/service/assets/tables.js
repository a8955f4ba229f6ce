// All results as JSON and as a table of comma-separated values.

const FACE = ["masked", "incorrect", "unmasked"];
const COLUMNS = [
  "file", "kind", "number", "verdict", "confidence", ...FACE.map((name) => `p_${name}`),
  "x1", "y1", "x2", "y2", "size_px", "first_s", "last_s", "votes", "why",
];

// A spreadsheet takes what begins so for a formula.
const guarded = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function cell(value) {
  if (value === null || value === undefined) {
    return "";
  }
  const text = typeof value === "string" ? guarded(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function faceRow(file, face, index) {
  const [x1, y1, x2, y2] = face.box;
  const probabilities = Object.fromEntries(FACE.map((name) => [`p_${name}`, face.probabilities[name]]));
  const { verdict, confidence, size_px, why } = face;
  return { file, kind: "face", number: index + 1, verdict, confidence, ...probabilities, x1, y1, x2, y2, size_px, why };
}

function personRow(file, person) {
  const { person_id: number, verdict, confidence, first_s, last_s, votes, best_face_px: size_px } = person;
  return { file, kind: "person", number, verdict, confidence, size_px, first_s, last_s, votes };
}

export function asCsv(results) {
  const rows = results.flatMap(({ picture, clip }) => (picture
    ? picture.faces.map((face, index) => faceRow(picture.name, face, index))
    : clip.persons.map((person) => personRow(clip.name, person))));
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))]
    .map((values) => values.map(cell).join(",")).join("\r\n").concat("\r\n");
}

export function asJson(results) {
  const model = results.find((result) => result.model)?.model ?? null;
  const pictures = results.filter((result) => result.picture).map((result) => ({ ...result.picture, preview: undefined }));
  const clips = results.filter((result) => result.clip).map((result) => ({ ...result.clip, id: undefined }));
  return JSON.stringify({ model, pictures, clips }, null, 2);
}
