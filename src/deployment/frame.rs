//! Frames of the adapter protocol: the lines in a stream of bytes, bounded in size.
//!
//! Pure: bytes in, lines out. Who reads the stream, and what the lines mean, is elsewhere.

/// Cuts a stream into lines, in whatever pieces it comes. Blank lines are left out.
#[derive(Debug)]
pub struct Frames {
    longest: usize,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
}

/// A line is longer than a frame may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

impl Frames {
    /// `longest` is how many bytes a line may have.
    pub fn new(longest: usize) -> Self {
        Self { longest, begun: Vec::new() }
    }

    /// Takes a piece of the stream up to the end of the first line in it: how many bytes that are, and the line without
    /// its end, if it is there and not blank. The rest of the piece is to be given again.
    ///
    /// # Errors
    /// The line is too long; nothing more can be read of the stream then.
    pub fn take(&mut self, piece: &[u8]) -> Result<(usize, Option<Vec<u8>>), TooLong> {
        let end = piece.iter().position(|&byte| byte == b'\n');
        let part = piece.get(..end.unwrap_or(piece.len())).unwrap_or_default();
        if self.begun.len() + part.len() > self.longest {
            return Err(TooLong);
        }
        self.begun.extend_from_slice(part);
        let Some(end) = end else { return Ok((piece.len(), None)) };
        let line = std::mem::take(&mut self.begun);
        Ok((end + 1, (!line.iter().all(u8::is_ascii_whitespace)).then_some(line)))
    }
}
