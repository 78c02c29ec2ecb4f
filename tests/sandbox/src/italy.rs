//! Italian names, places and tax numbers with right check digits. In: a random generator. Out: text.
//! Knows nothing of records.

use fastrand::Rng;

/// A municipality: name, postal code, province, land registry code (part of a tax code).
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) postal_code: &'static str,
    pub(crate) province: &'static str,
    registry: &'static str,
}

const fn city(name: &'static str, postal_code: &'static str, province: &'static str, registry: &'static str) -> City {
    City { name, postal_code, province, registry }
}

const CITIES: &[City] = &[
    city("Milano", "20121", "MI", "F205"),
    city("Roma", "00184", "RM", "H501"),
    city("Napoli", "80132", "NA", "F839"),
    city("Torino", "10121", "TO", "L219"),
    city("Bergamo", "24122", "BG", "A794"),
    city("Bologna", "40121", "BO", "A944"),
    city("Firenze", "50122", "FI", "D612"),
    city("Palermo", "90133", "PA", "G273"),
    city("Bolzano/Bozen", "39100", "BZ", "A952"),
    city("Aosta", "11100", "AO", "A326"),
    city("L'Aquila", "67100", "AQ", "A345"),
    city("Forlì", "47121", "FC", "D704"),
    city("Cantù", "22063", "CO", "B639"),
    city("Reggio Calabria", "89121", "RC", "H224"),
    city("Trieste", "34121", "TS", "L424"),
];

const WOMEN: &[&str] =
    &["Maria", "Chiara", "Zoë", "Francesca", "Giulia", "Desirée", "Anna", "Nives", "Ilaria", "Ada", "Mariangela"];
const MEN: &[&str] =
    &["Mario", "Niccolò", "Luca", "Gianluca", "Andrea", "Ugo", "Noè", "Giosuè", "Alessandro", "Léon", "Bartolomeo"];
const SURNAMES: &[&str] = &[
    "Rossi",
    "D'Angelo",
    "De Luca",
    "Müller",
    "Dell'Acqua",
    "Fo",
    "Esposito",
    "Ćosić",
    "Bianchi",
    "Cantù",
    "Lo Presti",
    "Ferrari",
    "Però",
    "Brambilla",
    "Nardò",
];
const TRADES: &[&str] = &[
    "Caffè",
    "Officina",
    "Ottica",
    "Panificio",
    "Studio tecnico",
    "Edilizia",
    "Agriturismo",
    "Pasticceria \"La Dolce\"",
    "Trasporti & Logistica",
    "Carpenteria",
    "設計 Design",
    "Łódź Import",
    "Vini 🍷",
    "Libreria",
    "Idraulica",
];
const FORMS: &[&str] = &["S.r.l.", "S.p.A.", "S.n.c.", "s.a.s.", "Soc. Coop. a r.l.", "di Rossi & C."];
const STREETS: &[&str] = &[
    "Via Roma",
    "Corso Magellano",
    "Viale della Libertà",
    "Piazza XX Settembre",
    "Vicolo Stretto",
    "Località Ca' Bianca",
    "Via dei tigli",
    "Contrada Sant'Anna",
];

/// One of a list.
pub(crate) fn pick<'a, T>(rng: &mut Rng, list: &'a [T]) -> &'a T {
    &list[rng.usize(..list.len())]
}

/// A person's sex (true for women), first name and surname.
pub(crate) fn person(rng: &mut Rng) -> (bool, &'static str, &'static str) {
    let woman = rng.bool();
    let first = *if woman { pick(rng, WOMEN) } else { pick(rng, MEN) };
    let surname = *pick(rng, SURNAMES);
    (woman, first, surname)
}

/// A company's name.
pub(crate) fn company(rng: &mut Rng) -> String {
    format!("{} {} {}", pick(rng, TRADES), pick(rng, SURNAMES), pick(rng, FORMS))
}

/// A municipality.
pub(crate) fn place(rng: &mut Rng) -> &'static City {
    pick(rng, CITIES)
}

/// A street with its number.
pub(crate) fn street(rng: &mut Rng) -> String {
    format!("{}, {}", pick(rng, STREETS), rng.u16(1..300))
}

/// Letters of a text without accents, lower case: for addresses of mail and for tax codes.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|letter| match letter {
            'à' | 'á' => Some('a'),
            'è' | 'é' | 'ë' => Some('e'),
            'ì' | 'í' => Some('i'),
            'ò' | 'ó' => Some('o'),
            'ù' | 'ú' | 'ü' => Some('u'),
            'Ć' | 'ć' => Some('c'),
            letter if letter.is_ascii_alphabetic() => Some(letter.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

/// A VAT number: seven digits, three for the office, a check digit.
pub(crate) fn vat_number(rng: &mut Rng) -> String {
    let body = format!("{:07}{:03}", rng.u32(1..10_000_000), rng.u8(1..101));
    let check = vat_check(&body);
    format!("{body}{check}")
}

/// The eleventh digit of a VAT number, from the ten before it.
pub(crate) fn vat_check(ten_digits: &str) -> u32 {
    let sum: u32 = ten_digits
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } })
        .sum();
    (10 - sum % 10) % 10
}

/// A person's tax code (codice fiscale), with a date of birth drawn at random.
pub(crate) fn tax_code(rng: &mut Rng, woman: bool, first: &str, surname: &str, city: &City) -> String {
    const MONTHS: &[u8] = b"ABCDEHLMPRST";
    let day = rng.u32(1..29) + if woman { 40 } else { 0 };
    let month = char::from(*pick(rng, MONTHS));
    let body = format!(
        "{}{}{:02}{month}{day:02}{}",
        three_letters(surname, false),
        three_letters(first, true),
        rng.u32(30..100),
        city.registry
    );
    let check = tax_code_check(&body);
    format!("{body}{check}")
}

/// Consonants, then vowels, then X; a first name with four consonants or more leaves out its second.
fn three_letters(name: &str, first_name: bool) -> String {
    let letters = plain(name).to_ascii_uppercase();
    let (vowels, mut consonants): (Vec<char>, Vec<char>) =
        letters.chars().partition(|letter| "AEIOU".contains(*letter));
    if first_name && consonants.len() > 3 {
        consonants.remove(1);
    }
    consonants.into_iter().chain(vowels).chain("XXX".chars()).take(3).collect()
}

/// The sixteenth letter of a tax code, from the fifteen characters before it.
pub(crate) fn tax_code_check(fifteen: &str) -> char {
    // Values of 0-9 and A-Z at odd places, by the decree of 23 December 1976.
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = fifteen
        .chars()
        .enumerate()
        .map(|(place, letter)| {
            let value = letter.to_digit(10).unwrap_or_else(|| u32::from(letter).saturating_sub(u32::from('A')) % 26);
            if place % 2 == 0 { ODD[value as usize] } else { value }
        })
        .sum();
    char::from(b'A' + (sum % 26) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_known_numbers() {
        assert_eq!(vat_check("0764352056"), 7);
        assert_eq!(vat_check("0090581100"), 6);
        assert_eq!(tax_code_check("RSSMRA85T10A562"), 'S');
        assert_eq!(tax_code_check("MRTMTT91D08F205"), 'J');
    }

    #[test]
    fn letters_of_names() {
        assert_eq!(three_letters("Fo", false), "FOX");
        assert_eq!(three_letters("Gianluca", true), "GLC");
        assert_eq!(three_letters("Niccolò", true), "NCL");
        assert_eq!(three_letters("D'Angelo", false), "DNG");
    }

    #[test]
    fn made_up_numbers_carry_their_check() {
        let mut rng = Rng::with_seed(7);
        for _ in 0..200 {
            let vat = vat_number(&mut rng);
            assert_eq!(vat.len(), 11);
            assert_eq!(vat[10..].parse(), Ok(vat_check(&vat[..10])));
            let (woman, first, surname) = person(&mut rng);
            let code = tax_code(&mut rng, woman, first, surname, &CITIES[0]);
            assert_eq!(code.len(), 16, "{code}");
            assert_eq!(code.chars().last(), Some(tax_code_check(&code[..15])));
        }
    }
}
