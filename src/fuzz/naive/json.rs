//! JSON text, as `JSON.parse` reads it.

use super::js::Js;

/// Why a text is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Malformed,
    /// More than [`LEVELS`] arrays and objects in each other: the reference goes no further, releases do.
    Deep,
}

pub(crate) const LEVELS: usize = 120;

/// Reads a document. Invalid UTF-8 is replaced, a byte order mark is dropped.
pub(crate) fn read(bytes: &[u8]) -> Result<Js, Fault> {
    let text = String::from_utf8_lossy(bytes);
    let bytes = text.strip_prefix('\u{feff}').unwrap_or(&text).as_bytes();
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at == bytes.len() { Ok(value) } else { Err(Fault::Malformed) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// Takes this byte if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.at < self.bytes.len() && self.peek() == byte;
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Result<Js, Fault> {
        self.space();
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        for (word, value) in [("null", Js::Null), ("true", Js::Bool(true)), ("false", Js::Bool(false))] {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        match self.peek() {
            b'"' => self.text().map(Js::Text),
            b'[' | b'{' if depth == LEVELS => Err(Fault::Deep),
            b'[' => self.list(depth + 1),
            b'{' => self.object(depth + 1),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Js, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(Js::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.space();
            if self.take(b']') {
                return Ok(Js::List(items));
            }
            if !self.take(b',') {
                return Err(Fault::Malformed);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Js, Fault> {
        let mut members: Vec<(String, Js)> = Vec::new();
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Ok(Js::Object(members));
        }
        loop {
            self.space();
            let name = self.text()?;
            self.space();
            if !self.take(b':') {
                return Err(Fault::Malformed);
            }
            let value = self.value(depth)?;
            Js::set(&mut members, name, value);
            self.space();
            if self.take(b'}') {
                return Ok(Js::Object(members));
            }
            if !self.take(b',') {
                return Err(Fault::Malformed);
            }
        }
    }

    fn number(&mut self) -> Result<Js, Fault> {
        let start = self.at;
        self.take(b'-');
        let whole = self.digits();
        let leads = self.bytes.get(self.at - whole).copied();
        if whole == 0 || (whole > 1 && leads == Some(b'0')) {
            return Err(Fault::Malformed);
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(Fault::Malformed);
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(Fault::Malformed);
            }
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at).unwrap_or_default()).unwrap_or_default();
        text.parse().map(Js::Number).map_err(|_| Fault::Malformed)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.at - start
    }

    /// UTF-16 units, so that halves of a pair find each other; a half alone becomes U+FFFD, since no text here holds it.
    fn text(&mut self) -> Result<String, Fault> {
        if !self.take(b'"') {
            return Err(Fault::Malformed);
        }
        let mut units: Vec<u16> = Vec::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            let plain = std::str::from_utf8(self.bytes.get(start..self.at).unwrap_or_default()).unwrap_or_default();
            units.extend(plain.encode_utf16());
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(String::from_utf16_lossy(&units));
                }
                b'\\' => units.push(self.escape()?),
                _ => return Err(Fault::Malformed),
            }
        }
    }

    fn escape(&mut self) -> Result<u16, Fault> {
        let sign = self.bytes.get(self.at + 1).copied().unwrap_or(0);
        self.at += 2;
        Ok(u16::from(match sign {
            b'"' | b'\\' | b'/' => sign,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4).ok_or(Fault::Malformed)?;
                let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
                let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex).ok_or(Fault::Malformed)?;
                self.at += 4;
                return u16::from_str_radix(digits, 16).map_err(|_| Fault::Malformed);
            }
            _ => return Err(Fault::Malformed),
        }))
    }
}
