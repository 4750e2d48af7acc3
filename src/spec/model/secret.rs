//! What must look random: keys, ids, tokens; and how keys are stored.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::Model;
use crate::spec::config::{Config, Generator};
use crate::spec::fault::Fault;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The seeded source of everything that must not be guessed. Not secret: whoever knows the seed knows it all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Secrets {
    #[serde(serialize_with = "save_random", deserialize_with = "restore_random")]
    random: fastrand::Rng,
    signing: String,
    /// How many keys `generator:fixed-alphabet` has made.
    generated: u64,
    /// How many keys were made since the start: only faults look here.
    #[serde(skip)]
    made: u64,
}

impl Secrets {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let signing = text(&mut random, LETTERS_AND_DIGITS, 32);
        Self { random, signing, generated: 0, made: 0 }
    }

    /// An identifier in the form of the releases: 32 letters and digits.
    pub(super) fn id(&mut self) -> String {
        text(&mut self.random, LETTERS_AND_DIGITS, 32)
    }

    /// A keyed digest, to recognise one's own cookies.
    pub(super) fn sign(&self, value: &str) -> String {
        hash(&format!("{}.{value}", self.signing))
    }
}

fn save_random<S: Serializer>(random: &fastrand::Rng, serializer: S) -> Result<S::Ok, S::Error> {
    random.get_seed().serialize(serializer)
}

fn restore_random<'de, D: Deserializer<'de>>(deserializer: D) -> Result<fastrand::Rng, D::Error> {
    u64::deserialize(deserializer).map(fastrand::Rng::with_seed)
}

/// SHA-256 as base64url without padding: how keys are stored.
pub(super) fn hash(value: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(value.as_bytes()))
}

impl Model {
    /// A new key: the prefix, then as many random letters as the configuration says (or what its generator makes).
    pub(super) fn make_key(&mut self, config: &Config, prefix: Option<&str>) -> String {
        let prefix = if self.has(Fault::CreatePrefixIgnored) { "" } else { prefix.unwrap_or("") };
        let mut length = config.default_key_length;
        if self.has(Fault::CreateKeyTooShort) {
            length /= 2;
        }
        let generator = config.generator.filter(|_| !self.has(Fault::CreateGeneratorIgnored));
        if let Some(Generator::FixedAlphabet) = generator {
            self.secrets.generated += 1;
            let counter = format!("{:08}", self.secrets.generated);
            let shown = counter.get(counter.len().saturating_sub(length.min(8))..).unwrap_or_default();
            return format!("{prefix}{}{shown}", "k".repeat(length.saturating_sub(8)));
        }
        if self.has(Fault::CreateKeyRepeats) {
            return format!("{prefix}{}", text(&mut fastrand::Rng::with_seed(0), LETTERS, length));
        }
        format!("{prefix}{}", text(&mut self.secrets.random, LETTERS, length))
    }

    /// The id of a new key.
    pub(super) fn row_id(&mut self) -> String {
        if self.has(Fault::RestartIdsRepeat) {
            self.secrets.made += 1;
            return text(&mut fastrand::Rng::with_seed(self.secrets.made), LETTERS_AND_DIGITS, 32);
        }
        self.secrets.id()
    }

    /// The form in which a configuration stores a key.
    pub(super) fn stored_form(&self, config: &Config, key: &str) -> String {
        let lower;
        let key = if self.has(Fault::VerifyCaseInsensitive) {
            lower = key.to_lowercase();
            &lower
        } else {
            key
        };
        if config.disable_key_hashing { key.to_owned() } else { hash(key) }
    }
}

fn text(random: &mut fastrand::Rng, alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| alphabet.get(random.usize(..alphabet.len())).map_or('a', |&sign| char::from(sign))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_is_sha256_in_base64url() {
        // printf 'abc' | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(hash("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    }
}
