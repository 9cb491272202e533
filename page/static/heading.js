(words) => `<h1>${words.title ?? words.title_any}</h1><p>${words.purpose ?? words.purpose_any}</p>`
