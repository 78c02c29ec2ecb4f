//! Signs notifications with a key pair of the sandbox's own, rightly and in the ways that attackers would. In:
//! claims. Out: tokens, the public key. Sends nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use p256::SecretKey;
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use serde_json::{Value, json};

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// ES256 with the sandbox's present key.
    Right,
    /// ES256 with a key that nobody knows.
    OtherKey,
    /// HS256 with the public key's PEM as secret: the classic confusion of algorithms.
    PublicKeyAsSecret,
    /// `alg` none and an empty signature.
    Unsigned,
    /// A right signature whose last bits were changed.
    Damaged,
    /// A right signature, then other claims (`sub` of another company) put in their place.
    ClaimsSwapped,
}

struct Pair {
    private: EncodingKey,
    public_pem: String,
}

/// A key pair that can be changed.
pub(crate) struct Signer {
    rng: Rng,
    pair: Pair,
    stranger: Pair,
}

fn pair(rng: &mut Rng) -> Pair {
    loop {
        let bytes: Vec<u8> = (0..32).map(|_| rng.u8(..)).collect();
        // Nearly every 32 bytes are a key; the few that are not are passed over.
        let Ok(secret) = SecretKey::from_slice(&bytes) else { continue };
        let (Ok(der), Ok(public_pem)) = (secret.to_pkcs8_der(), secret.public_key().to_public_key_pem(LineEnding::LF))
        else {
            continue;
        };
        return Pair { private: EncodingKey::from_ec_der(der.as_bytes()), public_pem };
    }
}

impl Signer {
    /// Keys follow from the seed, like all else.
    pub(crate) fn new(seed: u64) -> Signer {
        let mut rng = Rng::with_seed(seed ^ 0x5157_4E45_5221);
        let (stranger, pair) = (pair(&mut rng), pair(&mut rng));
        Signer { rng, pair, stranger }
    }

    pub(crate) fn public_pem(&self) -> &str {
        &self.pair.public_pem
    }

    /// A new key pair; tokens of the old one no longer verify.
    pub(crate) fn rotate(&mut self) {
        self.pair = pair(&mut self.rng);
    }

    /// A token.
    pub(crate) fn sign(&self, claims: &Value, how: Signing) -> String {
        let alg = match how {
            Signing::PublicKeyAsSecret => "HS256",
            Signing::Unsigned => "none",
            _ => "ES256",
        };
        self.sign_with(&json!({"typ": "JWT", "alg": alg}), claims, how)
    }

    /// A token with a header of one's own.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value, how: Signing) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let es256 = |pair: &Pair| signature(message.as_bytes(), &pair.private, Algorithm::ES256);
        match how {
            Signing::Right => format!("{message}.{}", es256(&self.pair)),
            Signing::OtherKey => format!("{message}.{}", es256(&self.stranger)),
            Signing::Unsigned => format!("{message}."),
            Signing::PublicKeyAsSecret => {
                let secret = EncodingKey::from_secret(self.pair.public_pem.as_bytes());
                format!("{message}.{}", signature(message.as_bytes(), &secret, Algorithm::HS256))
            }
            Signing::Damaged => format!("{message}.{}", damaged(&es256(&self.pair))),
            Signing::ClaimsSwapped => {
                let mut other = claims.clone();
                other["sub"] = "company:1".into();
                format!("{}.{}.{}", part(header), part(&other), es256(&self.pair))
            }
        }
    }
}

/// # Panics
/// When a key of the right kind does not sign, which would be a fault of the sandbox.
fn signature(message: &[u8], key: &EncodingKey, algorithm: Algorithm) -> String {
    match crypto::sign(message, key, algorithm) {
        Ok(signature) => signature,
        Err(error) => panic!("the sandbox cannot sign: {error}"),
    }
}

/// Another of the same length, so that only the check of the signature can tell.
fn damaged(signature: &str) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    bytes.iter_mut().take(8).for_each(|byte| *byte ^= 0x55);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation, decode};

    fn verifies(signer: &Signer, token: &str) -> bool {
        let key = DecodingKey::from_ec_pem(signer.public_pem().as_bytes()).expect("a public key");
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://x/"]);
        decode::<Value>(token, &key, &validation).is_ok()
    }

    #[test]
    fn only_right_tokens_verify_and_only_until_the_key_changes() {
        let mut signer = Signer::new(1);
        let claims = json!({"sub": "company:2", "aud": ["https://x/"], "exp": 4_000_000_000_u64});
        let token = signer.sign(&claims, Signing::Right);
        assert!(verifies(&signer, &token));
        for how in
            [Signing::OtherKey, Signing::PublicKeyAsSecret, Signing::Unsigned, Signing::Damaged, Signing::ClaimsSwapped]
        {
            assert!(!verifies(&signer, &signer.sign(&claims, how)), "{how:?}");
        }
        signer.rotate();
        assert!(!verifies(&signer, &token));
        assert!(verifies(&signer, &signer.sign(&claims, Signing::Right)));
    }
}
