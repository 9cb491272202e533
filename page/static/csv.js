// The answers to several images as a table for spreadsheets; labels as in the API.
const CSV_NAME = "brain-lung-other.csv";

const csv = (entries, labels) => {
  // A spreadsheet would run a cell that starts with one of these signs as a formula (OWASP, "CSV
  // Injection"), and the name of a file may be anything.
  const quote = (text) =>
    `"${String(text).replace(/^[=+\-@\t\r\n＝＋－＠]/, "'$&").replaceAll('"', '""')}"`;
  const line = ({ file, answer }) => {
    const rows = answer.confidences ?? [];
    const confidence = Object.fromEntries(rows.map(({ label, confidence }) => [label, confidence]));
    return [
      quote(file.name),
      rows[0]?.label ?? "",
      ...labels.map((label) => confidence[label]?.toFixed(4) ?? ""),
      quote(answer.reason ?? ""), // none of one that is still being sent or answered
    ].join();
  };
  // Spreadsheets take a file for UTF-8 by the mark at its start.
  return `\ufeff${[["file", "label", ...labels, "error"].join(), ...entries.map(line)].join("\r\n")}\r\n`;
};
