//! ES256 for the JWT crate, by the cryptography that TLS brings anyway (ring).
//!
//! In: a key's point, a text and its signature. Out: whether they fit. It signs nothing, and knows
//! no other algorithm: what is not ES256 with an elliptic curve's key is an error.
//!
//! Why not one of the crate's own providers: pure Rust needs 0.25 ms for a signature where ring
//! needs 0.06, and brings RSA and three curves along; AWS-LC is as quick and a second library of its kind.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use ring::{agreement, signature};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
    verifier_factory,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes the JWT crate verify by this module, in this process. It may be called again.
pub fn install() {
    // It fails where it was done before.
    let _ = PROVIDER.install_default();
}

/// Whether a key is a point of P-256, in the uncompressed form of 65 bytes.
pub fn is_usable(key: &DecodingKey) -> bool {
    // Nothing but an agreement tells a point that is none from a signature that does not fit.
    let agrees = |point: &[u8]| {
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())?;
        agree_ephemeral(own, &agreement::UnparsedPublicKey::new(&ECDH_P256, point), |_| ())
    };
    key.try_get_as_bytes().is_ok_and(|point| agrees(point).is_ok())
}

struct Es256(DecodingKey);

fn verifier_factory(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    if *algorithm != Algorithm::ES256 || key.family() != AlgorithmFamily::Ec {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(Es256(key.clone())))
}

impl Verifier<Vec<u8>> for Es256 {
    fn verify(&self, text: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let point = self.0.try_get_as_bytes().map_err(Error::from_source)?;
        let key = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        key.verify(text, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}
