//! The rules that the readers and writers of the library's standards share.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    // The document as a whole.
    (
        "empty-file",
        ["there is nothing in it", "le document est vide"],
        [
            "give the file again: it has no content",
            "fournissez le fichier à nouveau : il n’a aucun contenu",
        ],
    ),
    (
        "not-this-format",
        [
            "this is not {wanted} but “{given}”",
            "ce n’est pas du {wanted} mais « {given} »",
        ],
        ["choose another format", "choisissez un autre format"],
    ),
    (
        "xml-too-large",
        [
            "the XML has {given} bytes, the most is {wanted}",
            "le XML a {given} octets, le maximum est {wanted}",
        ],
        ["split it", "découpez-le"],
    ),
    (
        "xml-encoding",
        [
            "the characters cannot be read as {wanted}, at byte {given}",
            "les caractères ne se lisent pas en {wanted}, à l’octet {given}",
        ],
        ["save the file as UTF-8", "enregistrez le fichier en UTF-8"],
    ),
    (
        "xml-doctype",
        [
            "the XML has a document type declaration, which is refused",
            "le XML a une déclaration de type de document, ce qui est refusé",
        ],
        [
            "remove the line that begins with <!DOCTYPE",
            "retirez la ligne qui commence par <!DOCTYPE",
        ],
    ),
    (
        "xml-too-deep",
        [
            "elements are nested deeper than {wanted}",
            "des éléments sont imbriqués sur plus de {wanted} niveaux",
        ],
        ["write it flatter", "aplatissez-le"],
    ),
    (
        "xml-too-many-attributes",
        [
            "an element has more than {wanted} attributes",
            "un élément a plus de {wanted} attributs",
        ],
        ["remove attributes", "retirez des attributs"],
    ),
    (
        "xml-illegal-char",
        [
            "has characters that XML does not allow ({given})",
            "contient des caractères que XML interdit ({given})",
        ],
        [
            "remove them at the source: they were left out here",
            "retirez-les à la source : ils ont été omis ici",
        ],
    ),
    (
        "xml-malformed",
        [
            "the XML is not well formed: {given}",
            "le XML est mal formé : {given}",
        ],
        [
            "mend the XML at this place",
            "corrigez le XML à cet endroit",
        ],
    ),
    (
        "unknown-element",
        [
            "`{path}` is not an element of the standard",
            "« {path} » n’est pas un élément du standard",
        ],
        [
            "check the spelling, or remove it",
            "vérifiez l’orthographe, ou retirez-le",
        ],
    ),
    (
        "not-of-fifteen",
        [
            "`{path}` is not one of the fifteen elements of Dublin Core; it was read as {wanted}",
            "« {path} » n’est pas un des quinze éléments du Dublin Core ; il a été lu comme {wanted}",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "element-case",
        [
            "`{path}` has other capitals than in the standard; it was read as {wanted}",
            "« {path} » n’a pas les majuscules du standard ; il a été lu comme {wanted}",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "unknown-attribute",
        [
            "`{path}` is not an attribute of the standard; it was left out (“{given}”)",
            "« {path} » n’est pas un attribut du standard ; il a été omis (« {given} »)",
        ],
        [
            "check the spelling, or remove it",
            "vérifiez l’orthographe, ou retirez-le",
        ],
    ),
    (
        "embargo-end",
        [
            "`{path}`: an embargo ends on {given}; that is no date of publication, and nothing opens or closes here by it",
            "« {path} » : un embargo prend fin le {given} ; ce n’est pas une date de publication, et rien ne s’ouvre ni ne se ferme ici pour autant",
        ],
        [
            "nothing: it is kept aside; correct the access by hand when the day has come",
            "rien : c’est gardé à part ; corrigez l’accès à la main le jour venu",
        ],
    ),
    (
        "nested-element",
        [
            "`{path}` has markup inside, where only text may stand",
            "« {path} » contient du balisage là où seul du texte est permis",
        ],
        ["write plain text", "écrivez du texte simple"],
    ),
    (
        "stray-text",
        [
            "has the text “{given}” between elements, which was left out",
            "contient le texte « {given} » entre des éléments, qui a été omis",
        ],
        [
            "remove it, or put it into an element",
            "retirez-le, ou placez-le dans un élément",
        ],
    ),
    (
        "no-wrapper",
        [
            "the elements are not inside {wanted}",
            "les éléments ne sont pas dans {wanted}",
        ],
        ["put them into {wanted}", "placez-les dans {wanted}"],
    ),
    (
        "wrong-namespace",
        [
            "the namespace “{given}” is not that of the standard",
            "l’espace de noms « {given} » n’est pas celui du standard",
        ],
        ["use {wanted}", "utilisez {wanted}"],
    ),
    (
        "file-unknown",
        [
            "what this file is cannot be told",
            "on ne peut pas dire ce qu’est ce fichier",
        ],
        [
            "say which format all of them have, or leave it out",
            "dites quel format ils ont tous, ou laissez-le de côté",
        ],
    ),
    (
        "file-is-package",
        [
            "this file is a package ({given}), which is imported by itself",
            "ce fichier est un paquet ({given}), qui s’importe seul",
        ],
        ["import it alone", "importez-le seul"],
    ),
    (
        "file-not-now",
        [
            "this file could not be taken in now: {given}",
            "ce fichier n’a pas pu être pris maintenant : {given}",
        ],
        [
            "import the same again: what is in stays as it is",
            "importez la même chose de nouveau : ce qui est entré reste tel quel",
        ],
    ),
    (
        "file-too-large",
        [
            "this file has more than {wanted} of records",
            "ce fichier a plus de {wanted} de notices",
        ],
        [
            "split it into files of fewer records",
            "divisez-le en fichiers de moins de notices",
        ],
    ),
    (
        "record-twice",
        [
            "several records of the document have this identifier; the last one counts",
            "plusieurs notices du document ont cet identifiant ; la dernière compte",
        ],
        [
            "give each an identifier of its own, or leave one out",
            "donnez à chacune son identifiant, ou n’en laissez qu’une",
        ],
    ),
    // Values.
    (
        "no-title",
        ["there is no title", "il n’y a pas de titre"],
        [
            "give a title: without one nobody finds it",
            "donnez un titre : sans lui, personne ne la trouve",
        ],
    ),
    (
        "title-below",
        [
            "`{path}`: “{given}” is kept below the title of the same language, “{wanted}”, and does not go out again",
            "« {path} » : « {given} » est gardé sous le titre de la même langue, « {wanted} », et ne ressort pas",
        ],
        [
            "nothing; or state its language, if it is another one",
            "rien ; ou indiquez sa langue, si c’en est une autre",
        ],
    ),
    (
        "no-values",
        [
            "nothing is said about the resource",
            "rien n’est dit de la ressource",
        ],
        ["fill in a title at least", "renseignez au moins un titre"],
    ),
    (
        "no-identifier",
        [
            "there is no identifier by which it can be recognised again",
            "il n’y a pas d’identifiant qui permette de la reconnaître",
        ],
        [
            "give an address, a DOI or another lasting identifier",
            "donnez une adresse, un DOI ou un autre identifiant pérenne",
        ],
    ),
    (
        "no-licence",
        [
            "no licence that is known is stated",
            "aucune licence connue n’est indiquée",
        ],
        [
            "state a licence, such as CC BY-SA 4.0: without one nobody may adapt it",
            "indiquez une licence, par exemple CC BY-SA 4.0 : sans elle, personne n’a le droit d’adapter",
        ],
    ),
    (
        "no-language",
        ["the language is not stated", "la langue n’est pas indiquée"],
        [
            "state it as a tag such as fr",
            "indiquez-la par une étiquette telle que fr",
        ],
    ),
    (
        "clipped",
        [
            "`{path}` is longer than {wanted} and was cut",
            "« {path} » dépasse {wanted} et a été coupé",
        ],
        ["shorten it", "raccourcissez-le"],
    ),
    (
        "hidden-characters",
        [
            "`{path}` has characters that cannot be seen or that change how it reads; they were removed",
            "« {path} » contient des caractères invisibles ou qui changent la lecture ; ils ont été retirés",
        ],
        ["remove them at the source", "retirez-les à la source"],
    ),
    (
        "markup-removed",
        [
            "`{path}` had markup, which was turned into plain text",
            "« {path} » contenait du balisage, converti en texte simple",
        ],
        ["write plain text", "écrivez du texte simple"],
    ),
    (
        "empty-value",
        ["`{path}` is empty", "« {path} » est vide"],
        ["fill it in, or remove it", "renseignez-le, ou retirez-le"],
    ),
    (
        "too-many-values",
        [
            "`{path}` has more than {wanted} values; the first were taken",
            "« {path} » a plus de {wanted} valeurs ; les premières ont été prises",
        ],
        ["keep those that matter", "gardez celles qui comptent"],
    ),
    (
        "date-respelt",
        [
            "`{path}`: “{given}” was read as {wanted}",
            "« {path} » : « {given} » a été lu comme {wanted}",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "language-respelt",
        [
            "`{path}`: “{given}” was read as {wanted}",
            "« {path} » : « {given} » a été lu comme {wanted}",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "local-address",
        [
            "`{path}`: “{given}” is a place on somebody’s computer, where no reader gets",
            "« {path} » : « {given} » est un endroit de l’ordinateur de quelqu’un, où aucun lecteur n’arrive",
        ],
        [
            "put the file where all can get it, and write its address, or bring it in as a file with its record",
            "mettez le fichier là où chacun peut le prendre et écrivez son adresse, ou importez-le avec sa notice",
        ],
    ),
    (
        "bad-address",
        [
            "`{path}`: “{given}” is not an address that may be followed",
            "« {path} » : « {given} » n’est pas une adresse que l’on peut suivre",
        ],
        [
            "write an address that begins with https:// and has no blank in it (%20 stands for one)",
            "écrivez une adresse qui commence par https:// et ne contient pas d’espace (%20 en tient lieu)",
        ],
    ),
    (
        "not-understood",
        [
            "`{path}`: “{given}” was kept as text, its meaning is not known here",
            "« {path} » : « {given} » a été gardé comme texte, son sens n’est pas connu ici",
        ],
        ["use {wanted}", "utilisez {wanted}"],
    ),
    (
        "licence-guessed",
        [
            "`{path}`: “{given}” was taken to mean {wanted}",
            "« {path} » : « {given} » a été compris comme {wanted}",
        ],
        [
            "state the licence by its address or SPDX id: {wanted}",
            "indiquez la licence par son adresse ou son identifiant SPDX : {wanted}",
        ],
    ),
    (
        "licences-joined",
        [
            "several licences are stated: “{given}”; all of them count",
            "plusieurs licences sont indiquées : « {given} » ; toutes s’appliquent",
        ],
        [
            "state one licence; or correct it here, where one may choose between them (A OR B)",
            "indiquez une seule licence ; ou corrigez ici, si l’on peut choisir (A OR B)",
        ],
    ),
    (
        "licence-twice",
        [
            "`{path}`: “{given}” and {wanted} are one licence, said twice: {wanted} is taken",
            "« {path} » : « {given} » et {wanted} sont une seule licence, dite deux fois : {wanted} est retenue",
        ],
        [
            "state it in the same way everywhere",
            "indiquez-la partout de la même façon",
        ],
    ),
    (
        "licence-limited",
        [
            "`{path}`: “{given}” forbids what the licence beside it allows; both hold: {wanted}",
            "« {path} » : « {given} » interdit ce que permet la licence donnée à côté ; les deux s’appliquent : {wanted}",
        ],
        [
            "state the one licence that holds; or correct it here",
            "indiquez la seule licence qui s’applique ; ou corrigez ici",
        ],
    ),
    (
        "rights-beside",
        [
            "`{path}`: “{given}” stands beside the licence {wanted}, and is not understood here",
            "« {path} » : « {given} » accompagne la licence {wanted}, et n’est pas compris ici",
        ],
        [
            "read it: where it forbids more than the licence, correct the licence",
            "lisez-le : s’il interdit plus que la licence, corrigez la licence",
        ],
    ),
    (
        "licences-too-long",
        [
            "the licences are too many or too long for one expression: “{given}”; none is taken, they stand as a statement",
            "les licences sont trop nombreuses ou trop longues pour une expression : « {given} » ; aucune n’est retenue, elles sont gardées comme mention",
        ],
        [
            "state the one licence that holds",
            "indiquez la seule licence qui s’applique",
        ],
    ),
    (
        "rights-in-words",
        [
            "`{path}` says the rights in words only: “{given}”",
            "« {path} » ne dit les droits qu’en mots : « {given} »",
        ],
        [
            "add the address of a licence, such as https://creativecommons.org/licenses/by-sa/4.0/",
            "ajoutez l’adresse d’une licence, par exemple https://creativecommons.org/licenses/by-sa/4.0/",
        ],
    ),
    (
        "kept-as",
        [
            "`{path}`: “{given}” is kept as {wanted}",
            "« {path} » : « {given} » est conservé comme {wanted}",
        ],
        [
            "nothing: the original is kept too",
            "rien : l’original est conservé aussi",
        ],
    ),
    // What a writer could not carry.
    (
        "no-place",
        [
            "`{path}` has no place in this format: “{given}”",
            "« {path} » n’a pas de place dans ce format : « {given} »",
        ],
        ["nothing: Commun keeps it", "rien : Commun le conserve"],
    ),
    (
        "narrowed",
        [
            "`{path}`: of “{given}” only {wanted} can be said in this format",
            "« {path} » : de « {given} », ce format ne peut dire que {wanted}",
        ],
        [
            "nothing: Commun keeps all of it",
            "rien : Commun conserve le tout",
        ],
    ),
    // A source of records.
    (
        "record-deleted",
        [
            "the source says that it was deleted",
            "la source dit qu’elle a été supprimée",
        ],
        [
            "withdraw the item if it should disappear here too",
            "retirez la fiche si elle doit disparaître ici aussi",
        ],
    ),
    (
        "page-cut",
        [
            "the answer ends in the middle of the list",
            "la réponse s’arrête au milieu de la liste",
        ],
        [
            "what stands whole in it came in; ask for it again, or tell the source",
            "ce qui y est entier est entré ; redemandez-la, ou prévenez la source",
        ],
    ),
    (
        "token-repeated",
        [
            "the source gave the same resumption token again: {given}",
            "la source a redonné le même jeton de reprise : {given}",
        ],
        [
            "tell the source: its list never ends",
            "prévenez la source : sa liste ne finit jamais",
        ],
    ),
    (
        "source-error",
        [
            "the source answered with an error: {given}",
            "la source a répondu par une erreur : {given}",
        ],
        [
            "check the address, the set and the format",
            "vérifiez l’adresse, le lot et le format",
        ],
    ),
    (
        "source-empty",
        [
            "the source answered that no record matches: {given}",
            "la source a répondu qu’aucune notice ne correspond : {given}",
        ],
        [
            "nothing, unless you expected records: check the set and the dates",
            "rien, sauf si vous attendiez des notices : vérifiez le lot et les dates",
        ],
    ),
    (
        "record-without-header",
        [
            "a record has no identifier or no date and was left out",
            "une notice sans identifiant ou sans date a été omise",
        ],
        ["tell the source", "prévenez la source"],
    ),
    (
        "first-page",
        [
            "only the first page of the source was looked at (it says how many records it has: {given})",
            "seule la première page de la source a été regardée (nombre de notices qu’elle annonce : {given})",
        ],
        [
            "nothing: a harvest takes all of them",
            "rien : une moisson les prend toutes",
        ],
    ),
    (
        "no-list",
        [
            "this is an answer to {given}, which holds no records",
            "c’est une réponse à {given}, qui ne contient pas de notices",
        ],
        [
            "save the answer to {wanted}, or give the address of the source",
            "enregistrez la réponse à {wanted}, ou donnez l’adresse de la source",
        ],
    ),
    (
        "empty-list",
        [
            "the list is empty, where noRecordsMatch should stand",
            "la liste est vide, au lieu de l’erreur noRecordsMatch",
        ],
        ["tell the source", "prévenez la source"],
    ),
    (
        "too-many-records",
        [
            "there are more than {wanted} records; the rest was left out",
            "il y a plus de {wanted} notices ; le reste a été omis",
        ],
        ["import in parts", "importez en plusieurs fois"],
    ),
    (
        "withdrawn-here",
        [
            "{given} was withdrawn here and stays so",
            "{given} a été retirée ici et le reste",
        ],
        [
            "publish it again if it should come back",
            "publiez-la à nouveau si elle doit revenir",
        ],
    ),
    (
        "not-stated",
        [
            "it could not be stored: {given}",
            "impossible de l’enregistrer : {given}",
        ],
        [
            "mend what is said, then import again",
            "corrigez ce qui est dit, puis importez à nouveau",
        ],
    ),
];
