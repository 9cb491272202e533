// For templates, see page/template.py: fills in a text, and shows any text as it is.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
