//! Works by rule: each once, or twice with a difference of which it is known what it means.

use super::{About, Content, Kind, Labelled, Rule, Sheet};
use crate::metadata::{Creator, View};

const FIELDS: [(&str, &str); 40] = [
    ("Thermodynamique", "Thermodynamics"),
    ("Mécanique", "Mechanics"),
    ("Économie", "Economics"),
    ("Géographie", "Geography"),
    ("Statistique", "Statistics"),
    ("Biologie", "Biology"),
    ("Génétique", "Genetics"),
    ("Acoustique", "Acoustics"),
    ("Électronique", "Electronics"),
    ("Optimisation", "Optimisation"),
    ("Philosophie", "Philosophy"),
    ("Linguistique", "Linguistics"),
    ("Sociologie", "Sociology"),
    ("Psychologie", "Psychology"),
    ("Modélisation", "Modelling"),
    ("Robotique", "Robotics"),
    ("Archéologie", "Archaeology"),
    ("Cristallographie", "Crystallography"),
    ("Hydrologie", "Hydrology"),
    ("Océanographie", "Oceanography"),
    ("Pédagogie", "Pedagogy"),
    ("Didactique", "Didactics"),
    ("Comptabilité", "Accounting"),
    ("Ergonomie", "Ergonomics"),
    ("Toxicologie", "Toxicology"),
    ("Virologie", "Virology"),
    ("Épidémiologie", "Epidemiology"),
    ("Cryptographie", "Cryptography"),
    ("Cartographie", "Cartography"),
    ("Urbanisme", "Urbanism"),
    ("Métrologie", "Metrology"),
    ("Rhéologie", "Rheology"),
    ("Phonétique", "Phonetics"),
    ("Paléontologie", "Palaeontology"),
    ("Topologie", "Topology"),
    ("Botanique", "Botany"),
    ("Immunologie", "Immunology"),
    ("Journalisme", "Journalism"),
    ("Muséologie", "Museology"),
    ("Zoologie", "Zoology"),
];
const OF: [(&str, &str); 30] = [
    ("des fluides", "of fluids"),
    ("des populations", "of populations"),
    ("du vivant", "of life"),
    ("des matériaux", "of materials"),
    ("des territoires", "of territories"),
    ("des institutions", "of institutions"),
    ("des réseaux", "of networks"),
    ("du climat", "of the climate"),
    ("des transports", "of transport"),
    ("des organisations", "of organisations"),
    ("du langage", "of language"),
    ("des surfaces", "of surfaces"),
    ("de l’énergie", "of energy"),
    ("de l’environnement", "of the environment"),
    ("des apprentissages", "of learning"),
    ("des échanges", "of exchange"),
    ("du travail", "of work"),
    ("de la ville", "of the city"),
    ("de la santé", "of health"),
    ("du développement", "of development"),
    ("des risques", "of risks"),
    ("de la mémoire", "of memory"),
    ("des océans", "of oceans"),
    ("des sols", "of soils"),
    ("des plantes", "of plants"),
    ("des images", "of images"),
    ("du numérique", "of the digital"),
    ("des cultures", "of cultures"),
    ("des décisions", "of decisions"),
    ("des mouvements", "of movements"),
];
const FOR: [(&str, &str); 24] = [
    ("approches expérimentales", "experimental approaches"),
    ("méthodes numériques", "numerical methods"),
    ("perspectives historiques", "historical perspectives"),
    ("enjeux contemporains", "contemporary issues"),
    ("fondements théoriques", "theoretical foundations"),
    ("applications industrielles", "industrial applications"),
    ("études européennes", "European studies"),
    ("outils pratiques", "practical tools"),
    ("lectures critiques", "critical readings"),
    ("terrains africains", "African fields"),
    ("comparaisons internationales", "international comparisons"),
    ("projets collaboratifs", "collaborative projects"),
    ("principes généraux", "general principles"),
    ("mesures et incertitudes", "measurements and uncertainties"),
    ("politiques publiques", "public policies"),
    ("regards croisés", "crossed views"),
    ("observation et analyse", "observation and analysis"),
    ("formation des enseignantes", "training of staff"),
    ("grandes controverses", "great controversies"),
    ("modèles aléatoires", "random models"),
    ("simulations interactives", "interactive simulations"),
    ("enquêtes qualitatives", "qualitative inquiries"),
    ("données ouvertes", "open data"),
    ("normes et usages", "norms and uses"),
];
const GIVEN: [&str; 24] = [
    "Anne", "Bernard", "Camille", "Denis", "Élise", "Fatima", "Gérard", "Hélène", "Inès", "Julien",
    "Karim", "Léa", "Mathilde", "Nicolas", "Odile", "Pascal", "Quentin", "Rachid", "Sophie",
    "Thomas", "Ursule", "Valérie", "William", "Zoé",
];
const FAMILY: [&str; 32] = [
    "Aubertin",
    "Benoît",
    "Chevalier",
    "Delacroix",
    "Étienne",
    "Fournier",
    "Girard",
    "Hamidou",
    "Izambard",
    "Jacquemin",
    "Kermarrec",
    "Lemaire",
    "Marchand",
    "Nguyen",
    "Ollivier",
    "Perrot",
    "Quéméneur",
    "Roussel",
    "Sylvestre",
    "Tessier",
    "Urvoy",
    "Vasseur",
    "Weber",
    "Yacoubi",
    "Zimmermann",
    "Barbier",
    "Colin",
    "Dumont",
    "Faure",
    "Guillot",
    "Hubert",
    "Lacombe",
];
/// Works of different titles that the lists make.
const WORKS: usize = FIELDS.len() * OF.len() * FOR.len();
/// What is done with a work: one in so many is twinned in each way.
const WAYS: usize = 12;

/// A generator of numbers that is the same everywhere (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = below.max(1) as u64;
        usize::try_from((z ^ (z >> 31)) % below).unwrap_or(0)
    }
}

/// About so many sheets. Titles are used again after 28,800 works, each time with other authors.
pub fn made(sheets: usize) -> Labelled {
    let mut set = Labelled::default();
    let mut dice = Dice(7);
    let mut work = 0;
    while set.sheets.len() < sheets {
        // A step that is prime to the number of works meets each once.
        let at = (work * 7_919) % WORKS;
        let round = work / WORKS;
        one(&mut set, &mut dice, at, round, work);
        work += 1;
    }
    set
}

fn one(set: &mut Labelled, dice: &mut Dice, at: usize, round: usize, work: usize) {
    let (field, of, fors) = (
        FIELDS[at % FIELDS.len()],
        OF[at / FIELDS.len() % OF.len()],
        FOR[at / (FIELDS.len() * OF.len()) % FOR.len()],
    );
    let title = format!("{} {} : {}", field.0, of.0, fors.0);
    let english = format!("{} {}: {}", field.1, of.1, fors.1);
    let names = authors(dice, at, round);
    let view = |title: &str, names: Vec<String>| View {
        titles: vec![("fr".to_owned(), title.to_owned())],
        languages: vec!["fr".to_owned()],
        creators: names.into_iter().map(creator).collect(),
        ..View::default()
    };
    let mut first = view(&title, names.clone());
    let mut second = None;
    let mut files = (None, None);
    let truth = match work % WAYS {
        0 => {
            let names = names.iter().rev().map(|name| turned(name)).collect();
            second = Some(view(&plain(&title).to_uppercase(), names));
            Some((Kind::Same, Rule::Title))
        }
        1 => {
            second = Some(view(&slip(&title, dice), names));
            Some((Kind::Same, Rule::Title))
        }
        2 => {
            let names = names.iter().map(|name| initials(name)).collect();
            second = Some(view(
                &format!("Cours de {}", title.replace(" : ", " ")),
                names,
            ));
            Some((Kind::Same, Rule::Title))
        }
        3 => {
            first.aliases = vec![format!("doi:10.5555/essai.{work}")];
            let mut twin = view(&format!("{} (document)", field.0), Vec::new());
            twin.aliases = vec![format!("https://doi.org/10.5555/ESSAI.{work}")];
            second = Some(twin);
            Some((Kind::Same, Rule::Identifier))
        }
        4 => {
            first.aliases = vec![format!("https://www.depot.example/cours/{work}/")];
            let mut twin = view(&title, Vec::new());
            twin.aliases = vec![format!(
                "http://depot.example/cours/{work}?utm_source=liste"
            )];
            second = Some(twin);
            Some((Kind::Same, Rule::Identifier))
        }
        5 => {
            let hash = format!("{work:064x}");
            files = (Some(hash.clone()), Some(hash));
            second = Some(view(&format!("Document {work}"), Vec::new()));
            Some((Kind::Same, Rule::Content))
        }
        6 => {
            first = view(&format!("{title}, tome 1"), names.clone());
            second = Some(view(&format!("{title}, tome 2"), names));
            None
        }
        7 => {
            second = Some(view(&format!("{title} (2e édition)"), names));
            None
        }
        8 => {
            let mut twin = view(&title, names);
            twin.titles.push(("en".to_owned(), english));
            twin.languages = vec!["en".to_owned()];
            second = Some(twin);
            Some((Kind::Translation, Rule::Title))
        }
        9 => {
            let others = authors(dice, at + 1, round + 1);
            let others = others.into_iter().filter(|name| !names.contains(name));
            second = Some(view(&title, others.collect()));
            None
        }
        10 => {
            second = Some(view(&format!("Exercices : {title}"), names));
            None
        }
        _ => None,
    };
    let number = set.sheets.len() as u64;
    add(set, &first, files.0);
    if let Some(second) = second {
        add(set, &second, files.1);
        if let Some(truth) = truth {
            set.truth.insert((number, number + 1), truth);
        }
    }
}

fn add(set: &mut Labelled, view: &View, file: Option<String>) {
    let mut content = Content::default();
    content.files(file.map(|hash| (hash, 100_000)));
    let about = About {
        content,
        ..About::default()
    };
    let title = view.titles.first().map_or("", |(_, title)| title);
    let names: Vec<&str> = view.creators.iter().map(|c| c.name.as_str()).collect();
    set.names.push(format!("{title} / {}", names.join("; ")));
    set.sheets.push(Sheet::of(view, about));
}

/// One to three people; never the same for the same title.
fn authors(dice: &mut Dice, at: usize, round: usize) -> Vec<String> {
    let first = at * 5 + round * 11;
    let count = 1 + dice.next(3);
    let mut names = vec![format!(
        "{} {}",
        GIVEN[first % GIVEN.len()],
        FAMILY[first / 3 % FAMILY.len()]
    )];
    for _ in 1..count {
        let name = format!(
            "{} {}",
            GIVEN[dice.next(GIVEN.len())],
            FAMILY[dice.next(FAMILY.len())]
        );
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn creator(name: String) -> Creator {
    Creator {
        name,
        ..Creator::default()
    }
}

/// `Given Family` as `Family, Given`.
fn turned(name: &str) -> String {
    match name.split_once(' ') {
        Some((given, family)) => format!("{family}, {given}"),
        None => name.to_owned(),
    }
}

fn initials(name: &str) -> String {
    match name.split_once(' ') {
        Some((given, family)) => format!("{}. {family}", given.chars().next().unwrap_or('X')),
        None => name.to_owned(),
    }
}

fn plain(text: &str) -> String {
    super::super::words::fold(text)
}

/// Two letters of the longest word change places.
fn slip(title: &str, dice: &mut Dice) -> String {
    let longest = title
        .split(' ')
        .max_by_key(|word| word.chars().count())
        .unwrap_or_default();
    let mut letters: Vec<char> = longest.chars().collect();
    if letters.len() > 5 {
        let at = 1 + dice.next(letters.len() - 3);
        letters.swap(at, at + 1);
    }
    let wrong: String = letters.into_iter().collect();
    title.replacen(longest, &wrong, 1)
}
