//! PKCE (RFC 7636, S256): shows at the token endpoint that who brings a code is who asked for it.
//!
//! In: bytes that nobody can guess. Out: the challenge, which stands in the address that the person opens, and the
//! verifier, which goes to the token endpoint alone. A service that does not know PKCE passes both over.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};

/// The secret of one login.
#[derive(Debug)]
pub struct Pkce {
    verifier: SecretString,
}

impl Pkce {
    /// Made of 256 bits, as the RFC recommends.
    pub fn new(random: &[u8; 32]) -> Self {
        Self { verifier: URL_SAFE_NO_PAD.encode(random).into() }
    }

    /// Its hash, for everybody to see.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.expose_secret().as_bytes()))
    }

    /// The secret itself.
    pub fn verifier(&self) -> &SecretString {
        &self.verifier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let random = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let pkce = Pkce::new(&random);
        assert_eq!(pkce.verifier().expose_secret(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(!format!("{pkce:?}").contains("dBjft"));
    }
}
