//! Words that say nothing, by language; folded, so that `à` typed without its accent is one too.
//! They tell which language a text is in, and they are not searched.
//!
//! The lists hold the pieces that cutting at apostrophes leaves (`l`, `qu`, `don`, `dell`).

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Stemmed;

/// In which languages a folded word is a stop word: one bit for each, in the order of
/// [`Stemmed::ALL`].
pub(super) fn stopped_in(word: &str) -> u8 {
    static WORDS: OnceLock<HashMap<&'static str, u8>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let mut words = HashMap::new();
        for language in Stemmed::ALL {
            for word in list(language).split_ascii_whitespace() {
                *words.entry(word).or_default() |= language.bit();
            }
        }
        words
    });
    words.get(word).copied().unwrap_or(0)
}

/// The stop words of a language, with spaces between.
pub(super) fn list(language: Stemmed) -> &'static str {
    match language {
        Stemmed::French => FRENCH,
        Stemmed::English => ENGLISH,
        Stemmed::German => GERMAN,
        Stemmed::Spanish => SPANISH,
        Stemmed::Italian => ITALIAN,
        Stemmed::Portuguese => PORTUGUESE,
        Stemmed::Dutch => DUTCH,
    }
}

/// Articles, pronouns, prepositions, and the forms of `être` and `avoir`.
const FRENCH: &str = "\
    a ai aie aient aies ait as au aura aurai auraient aurais aurait auras aurez auriez aurions \
    aurons auront aux avaient avais avait avec avez aviez avions avons ayant ayez ayons c ce ceci \
    cela ces cet cette d dans de des du elle en es est et etaient etais etait etant ete etee \
    etees etes etiez etions eu eue eues eumes eurent eus eusse eussent eusses eussiez eussions \
    eut eutes eux fumes furent fus fusse fussent fusses fussiez fussions fut futes ici il ils j \
    je l la le les leur leurs lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou par \
    pas pour qu que quel quelle quelles quels qui s sa sans se sera serai seraient serais serait \
    seras serez seriez serions serons seront ses soi soient sois soit sommes son sont soyez \
    soyons suis sur t ta te tes toi ton tu un une vos votre vous y";

/// Articles, pronouns, prepositions and auxiliaries.
const ENGLISH: &str = "\
    a about above after again against all am an and any are aren as at be because been before \
    being below between both but by can cannot could couldn d did didn do does doesn doing don \
    down during each few for from further had hadn has hasn have haven having he her here hers \
    herself him himself his how i if in into is isn it its itself just ll m me more most mustn my \
    myself no nor not of off on once only or other ought our ours ourselves out over own re s \
    same shan she should shouldn so some such t than that the their theirs them themselves then \
    there these they this those through to too under until up ve very was wasn we were weren what \
    when where which while who whom why will with won would wouldn you your yours yourself \
    yourselves";

const GERMAN: &str = "\
    aber als also am an auch auf aus bei beim bin bis bist da damit dann das dass dein deine dem \
    den denn der des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du \
    durch ein eine einem einen einer eines er es etwas euch euer fur hab habe haben hat hatte \
    hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja \
    jede jedem jeden jeder jedes jene kann kein keine keinen konnen konnte man mein meine mich \
    mir mit muss mussen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen \
    seiner seit sich sie sind so soll sollte sondern sonst uber um und uns unser unsere unter vom \
    von vor wahrend war waren warum was weil welche welchem welchen welcher welches wenn wer \
    werde werden wie wieder will wir wird wo wurde wurden zu zum zur zwar zwischen";

const SPANISH: &str = "\
    a al algo algun alguna algunas algunos ante antes aquel aquella aquellos aun aunque cada como \
    con contra cual cuales cuando de del desde donde e el ella ellas ellos en entre era eran eres \
    es esa esas ese eso esos esta estaba estaban estamos estan estar estas este esto estos estoy \
    fue fueron ha habia han has hasta hay he la las le les lo los mas me mi mientras mis muy nada \
    ni no nos nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero por \
    porque pues que quien quienes se sea sean ser si sin sobre son su sus tambien tan tanto te \
    tiene tienen toda todas todo todos tu tus un una unas uno unos vosotros y ya yo";

const ITALIAN: &str = "\
    a abbiamo ad agli ai al alla alle allo anche avere aveva c che chi ci come con contro cui d \
    da dagli dai dal dall dalla dalle dallo degli dei del dell della delle dello di dove e ed era \
    erano essere fra gli ha hai hanno ho i il in io l la le lei li lo loro lui m ma mi mia mie \
    miei mio ne negli nei nel nell nella nelle nello no noi non nostra nostri nostro o ogni per \
    perche piu poi pur quale quali quando quanto quella quelle quelli quello questa queste questi \
    questo se sei si sia siamo siano sono su sua sue sugli sui sul sull sulla sulle sullo suo \
    suoi tra tu tua tue tuo tuoi tutte tutti tutto un una uno vi voi";

const PORTUGUESE: &str = "\
    a ainda ao aos aquela aquele aqueles aquilo as ate com como da das de dela delas dele deles \
    depois do dos e ela elas ele eles em entre era eram essa essas esse esses esta estao estas \
    estava este estes eu foi foram ha isso isto ja lhe lhes mais mas me mesmo meu meus minha \
    minhas muito na nao nas nem no nos nossa nossas nosso nossos num numa o os ou para pela pelas \
    pelo pelos por porque qual quando que quem sao se seja sem ser seu seus so sobre sua suas \
    tambem te tem tinha toda todas todo todos tu um uma umas uns voce voces";

const DUTCH: &str = "\
    aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus \
    een en er ge geen had hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is \
    ja je jij jullie kan kon kunnen maar me meer men met mij mijn moet moeten na naar niet niets \
    nog nu of om omdat ons onze ook op over reeds te tegen toch toen tot u uit uw van veel voor \
    waar want waren was wat we wel welke werd werden wie wij wil worden wordt zal ze zelf zich \
    zij zijn zo zonder zou zullen";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_folded_and_said_once() {
        for language in Stemmed::ALL {
            let words: Vec<&str> = list(language).split_ascii_whitespace().collect();
            assert!(words.len() > 100);
            assert!(words.is_sorted_by(|a, b| a < b), "{language:?}");
            for word in words {
                assert_eq!(crate::fold::fold(word), word);
                assert_ne!(stopped_in(word) & language.bit(), 0);
            }
        }
        assert_eq!(stopped_in("chimie"), 0);
    }
}
