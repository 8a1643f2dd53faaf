//! AMB's JSON Schema as a table: what each member is. Versions 20231019 and the draft of 2026-01; where they differ the
//! draft, which takes more (`isBasedOn` with an address alone, `publisher.affiliation`).

use super::super::linked;

/// What a value must be.
pub(super) enum Shape {
    /// Any text.
    Text,
    /// An absolute URI.
    Uri,
    /// A day or a moment.
    Date,
    /// `true` or `false`.
    Flag,
    /// A text of this form, and an example.
    Form(fn(&str) -> bool, &'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A language of two letters.
    Language,
    /// The address of a licence.
    Licence,
    /// `{language: text}`.
    Labels,
    /// An object.
    Thing(&'static Thing),
    /// A list.
    List(&'static Shape),
    /// A list, one of whose items has an `id` that begins so.
    Among(&'static Shape, &'static [&'static str]),
    /// A list of classes with `LearningResource` in it.
    Types,
    /// `@context`.
    Context,
}

/// What an object must have.
pub(super) struct Thing {
    /// Its members; others are free.
    pub(super) members: &'static [(&'static str, Shape)],
    /// Those that must be there.
    pub(super) required: &'static [&'static str],
    /// Of these one at least.
    pub(super) any: &'static [&'static str],
    /// What to write instead of something that is no object.
    pub(super) example: &'static str,
}

use Shape::{
    Among, Context, Date, Flag, Form, Labels, Language, Licence as LicenceUri, List, OneOf, Text,
    Thing as Of, Types, Uri,
};

const CONCEPT: Thing = Thing {
    members: &[
        ("type", OneOf(&["Concept"])),
        ("id", Uri),
        ("prefLabel", Labels),
    ],
    required: &["id"],
    any: &[],
    example: "{\"id\": \"https://…\"}",
};

/// Competencies may have any class.
const TERM: Thing = Thing {
    members: &[("id", Uri), ("prefLabel", Labels)],
    ..CONCEPT
};

const LEVEL: Thing = Thing {
    members: &[
        ("type", OneOf(&["Concept"])),
        (
            "id",
            Form(
                |id| id.starts_with("https://w3id.org/kim/educationalLevel/"),
                "https://w3id.org/kim/educationalLevel/level_06",
            ),
        ),
        ("prefLabel", Labels),
    ],
    ..CONCEPT
};

const ACCESS: Thing = Thing {
    members: &[
        ("type", OneOf(&["Concept"])),
        (
            "id",
            OneOf(&[
                "http://w3id.org/kim/conditionsOfAccess/no_login",
                "http://w3id.org/kim/conditionsOfAccess/login",
            ]),
        ),
        ("prefLabel", Labels),
    ],
    example: "{\"id\": \"http://w3id.org/kim/conditionsOfAccess/no_login\"}",
    ..CONCEPT
};

const INTERACTIVITY: Thing = Thing {
    members: &[
        ("type", OneOf(&["Concept"])),
        (
            "id",
            OneOf(&[
                "http://purl.org/dcx/lrmi-vocabs/interactivityType/active",
                "http://purl.org/dcx/lrmi-vocabs/interactivityType/expositive",
                "http://purl.org/dcx/lrmi-vocabs/interactivityType/mixed",
            ]),
        ),
        ("prefLabel", Labels),
    ],
    example: "{\"id\": \"http://purl.org/dcx/lrmi-vocabs/interactivityType/active\"}",
    ..CONCEPT
};

const AFFILIATION: Thing = Thing {
    members: &[
        ("type", OneOf(&["Organization"])),
        ("id", Uri),
        ("name", Text),
    ],
    required: &["name", "type"],
    any: &[],
    example: "{\"type\": \"Organization\", \"name\": \"…\"}",
};

const PERSON: Thing = Thing {
    members: &[
        ("type", OneOf(&["Person", "Organization"])),
        ("id", Uri),
        ("name", Text),
        ("honorificPrefix", Text),
        ("affiliation", Of(&AFFILIATION)),
    ],
    required: &["name", "type"],
    any: &[],
    example: "{\"type\": \"Person\", \"name\": \"…\"}",
};

const FUNDER: Thing = Thing {
    members: &[
        ("type", OneOf(&["Person", "FundingScheme", "Organization"])),
        ("id", Uri),
        ("name", Text),
    ],
    example: "{\"type\": \"Organization\", \"name\": \"…\"}",
    ..PERSON
};

const PUBLISHER: Thing = Thing {
    members: &[
        ("type", OneOf(&["Organization", "Person"])),
        ("id", Uri),
        ("name", Text),
        ("affiliation", Of(&AFFILIATION)),
    ],
    example: "{\"type\": \"Organization\", \"name\": \"…\"}",
    ..PERSON
};

const PROVIDER: Thing = Thing {
    members: &[("id", Uri), ("type", Text), ("name", Text)],
    required: &["id"],
    any: &[],
    example: "{\"id\": \"https://…\", \"type\": \"Service\", \"name\": \"…\"}",
};

const LICENCE: Thing = Thing {
    members: &[("id", LicenceUri)],
    required: &["id"],
    any: &[],
    example: "{\"id\": \"https://creativecommons.org/licenses/by-sa/4.0/\"}",
};

const PART: Thing = Thing {
    members: &[("id", Uri), ("type", Types), ("name", Text)],
    required: &["id"],
    any: &[],
    example: "{\"id\": \"https://…\"}",
};

const BASIS: Thing = Thing {
    members: &[
        ("type", Types),
        ("id", Uri),
        ("name", Text),
        ("creator", List(&Of(&PERSON))),
        ("license", Of(&LICENCE)),
        ("provider", Of(&PROVIDER)),
    ],
    required: &[],
    any: &["name", "id"],
    example: "{\"id\": \"https://…\", \"name\": \"…\"}",
};

const PAGE: Thing = Thing {
    members: &[
        ("id", Uri),
        ("type", OneOf(&["WebContent"])),
        ("provider", Of(&PROVIDER)),
        ("dateCreated", Date),
        ("dateModified", Date),
    ],
    required: &["id"],
    any: &[],
    example: "{\"id\": \"https://…\"}",
};

const CAPTION: Thing = Thing {
    members: &[
        ("type", OneOf(&["MediaObject"])),
        ("id", Uri),
        ("encodingFormat", Text),
        ("inLanguage", Language),
    ],
    required: &["id", "type"],
    any: &[],
    example: "{\"type\": \"MediaObject\", \"id\": \"https://…\"}",
};

const MEDIA: Thing = Thing {
    members: &[
        ("type", OneOf(&["MediaObject"])),
        ("contentUrl", Uri),
        ("embedUrl", Uri),
        ("encodingFormat", Form(is_media_type, "application/pdf")),
        ("contentSize", Form(is_digits, "568000")),
        ("bitrate", Form(is_digits, "1651")),
        ("sha256", Form(is_sha256, "64 × 0-9 a-f")),
    ],
    required: &["type"],
    any: &["contentUrl", "embedUrl"],
    example: "{\"type\": \"MediaObject\", \"contentUrl\": \"https://…\"}",
};

const TRAILER: Thing = Thing {
    members: &[
        ("type", OneOf(&["VideoObject", "AudioObject"])),
        ("contentUrl", Uri),
        ("embedUrl", Uri),
        ("encodingFormat", Form(is_media_type, "video/mp4")),
        ("contentSize", Form(is_digits, "568000")),
        ("bitrate", Form(is_digits, "1651")),
        ("sha256", Form(is_sha256, "64 × 0-9 a-f")),
    ],
    example: "{\"type\": \"VideoObject\", \"contentUrl\": \"https://…\"}",
    ..MEDIA
};

/// A record.
pub(super) const RECORD: Thing = Thing {
    members: &[
        ("@context", Context),
        ("id", Uri),
        ("type", Types),
        ("name", Text),
        ("creator", List(&Of(&PERSON))),
        ("contributor", List(&Of(&PERSON))),
        ("description", Text),
        (
            "about",
            Among(
                &Of(&CONCEPT),
                &[
                    "https://w3id.org/kim/hochschulfaechersystematik/",
                    "http://w3id.org/kim/schulfaecher/",
                ],
            ),
        ),
        ("license", Of(&LICENCE)),
        ("image", Uri),
        ("trailer", Of(&TRAILER)),
        ("dateCreated", Date),
        ("datePublished", Date),
        ("dateModified", Date),
        ("duration", Form(is_duration, "PT1H30M")),
        ("inLanguage", List(&Language)),
        ("publisher", List(&Of(&PUBLISHER))),
        (
            "learningResourceType",
            Among(
                &Of(&CONCEPT),
                &[
                    "https://w3id.org/kim/hcrt/",
                    "http://w3id.org/openeduhub/vocabs/new_lrt/",
                ],
            ),
        ),
        ("audience", List(&Of(&CONCEPT))),
        ("isBasedOn", List(&Of(&BASIS))),
        ("isPartOf", List(&Of(&PART))),
        ("hasPart", List(&Of(&PART))),
        ("mainEntityOfPage", List(&Of(&PAGE))),
        ("keywords", List(&Text)),
        ("encoding", List(&Of(&MEDIA))),
        ("caption", List(&Of(&CAPTION))),
        ("conditionsOfAccess", Of(&ACCESS)),
        ("funder", List(&Of(&FUNDER))),
        ("assesses", List(&Of(&TERM))),
        ("competencyRequired", List(&Of(&TERM))),
        ("teaches", List(&Of(&TERM))),
        ("educationalLevel", List(&Of(&LEVEL))),
        ("isAccessibleForFree", Flag),
        ("interactivityType", Of(&INTERACTIVITY)),
    ],
    required: &["@context", "id", "name", "type"],
    any: &[],
    example: "{\"@context\": …}",
};

/// The classes that may stand in `type`: subclasses of CreativeWork.
pub(super) const TYPES: &str = "3DModel AmpStory Article Atlas Audiobook AudioObject Blog Book BookSeries Chapter Clip \
Collection ComicStory Comment Conversation Course CreativeWorkSeason CreativeWorkSeries DataDownload Diet \
DigitalDocument Drawing Episode ExercisePlan FAQPage Game Guide HowTo ImageGallery ImageObject LearningResource \
LegislationObject Manuscript Map MathSolver MediaGallery MediaObject Message MobileApplication Movie MovieClip \
MovieSeries MusicAlbum MusicComposition MusicPlaylist MusicRecording MusicRelease MusicVideoObject NewsArticle Painting \
Periodical Photograph Play PodcastEpisode PodcastSeason PodcastSeries Poster PresentationDigitalDocument \
PublicationIssue PublicationVolume Quotation Quiz RadioClip RadioEpisode RadioSeason RadioSeries Recipe Review Report \
ScholarlyArticle Sculpture SheetMusic ShortStory SoftwareApplication SoftwareSourceCode SpreadsheetDigitalDocument \
TVClip TVEpisode TVSeason TVSeries Thesis TextDigitalDocument VideoGallery VideoGame VideoGameClip VideoGameSeries \
VideoObject VisualArtwork WebApplication WebContent WebPage";

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_media_type(text: &str) -> bool {
    linked::media_type(text) == Some(text)
}

/// `P1Y2M3DT4H5M6.7S`, with weeks or days, a minus before it.
fn is_duration(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let Some(rest) = rest.strip_prefix('P') else {
        return false;
    };
    let (days, clock) = match rest.split_once('T') {
        Some((days, clock)) => (days, Some(clock)),
        None => (rest, None),
    };
    let steps = |mut text: &str, units: &[&[u8]], fraction: bool| {
        let mut next = 0;
        while !text.is_empty() {
            let end = text.bytes().position(|b| b.is_ascii_alphabetic());
            let Some(end) = end else { return false };
            let (number, unit) = (&text[..end], text.as_bytes()[end]);
            let Some(found) = (next..units.len()).find(|at| units[*at].contains(&unit)) else {
                return false;
            };
            next = found + 1;
            let whole = is_digits(number);
            let parts = number.split_once('.');
            let part = parts.is_some_and(|(a, b)| is_digits(a) && is_digits(b));
            let seconds = fraction && unit == b'S' && part;
            if !whole && !seconds {
                return false;
            }
            text = &text[end + 1..];
        }
        true
    };
    let said = !days.is_empty() || clock.is_some_and(|clock| !clock.is_empty());
    said && steps(days, &[b"Y", b"M", b"DW"], false)
        && clock.is_none_or(|clock| steps(clock, &[b"H", b"M", b"S"], true))
}
