//! The rules of packages: archives, IMS manifests, H5P, EPUB, Moodle backups.

use super::Rule;

pub(crate) const RULES: &[Rule] = &[
    (
        "archive-unreadable",
        [
            "the file could not be read: {given}",
            "le fichier n’a pas pu être lu : {given}",
        ],
        ["try again", "réessayez"],
    ),
    (
        "archive-format",
        [
            "this is not an archive that is read here: {given}",
            "ce n’est pas une archive lue ici : {given}",
        ],
        [
            "export it as ZIP (H5P, Common Cartridge, SCORM, EPUB) or as a Moodle backup",
            "exportez en ZIP (H5P, Common Cartridge, SCORM, EPUB) ou en sauvegarde Moodle",
        ],
    ),
    (
        "archive-damaged",
        [
            "the archive is damaged: {given}",
            "l’archive est endommagée : {given}",
        ],
        [
            "download or export it again: it may have been cut short on the way",
            "téléchargez-la ou exportez-la à nouveau : elle a pu être tronquée en chemin",
        ],
    ),
    (
        "archive-inconsistent",
        [
            "the archive contradicts itself, so that two programs would see different files: {given}",
            "l’archive se contredit, si bien que deux programmes y verraient des fichiers différents : {given}",
        ],
        [
            "unpack it with a program that you trust, look at the files, and pack them again",
            "décompressez-la avec un programme de confiance, regardez les fichiers, puis recompressez-les",
        ],
    ),
    (
        "archive-overlap",
        [
            "two files of the archive share bytes: {given}",
            "deux fichiers de l’archive partagent des octets : {given}",
        ],
        [
            "unpack it with a program that you trust and pack it again",
            "décompressez-la avec un programme de confiance et recompressez-la",
        ],
    ),
    (
        "archive-path",
        [
            "a file has a name that leads elsewhere or that no file can have: {given}",
            "un fichier a un nom qui mène ailleurs ou qu’aucun fichier ne peut avoir : {given}",
        ],
        [
            "rename the file and pack again, with relative paths only",
            "renommez le fichier et recompressez, avec des chemins relatifs seulement",
        ],
    ),
    (
        "archive-collision",
        [
            "two files have the same name for some systems: {given}",
            "deux fichiers ont le même nom pour certains systèmes : {given}",
        ],
        [
            "rename one of the two and pack again",
            "renommez l’un des deux et recompressez",
        ],
    ),
    (
        "archive-special-file",
        [
            "the archive holds a link or device instead of a file: {given}",
            "l’archive contient un lien ou un périphérique au lieu d’un fichier : {given}",
        ],
        [
            "put the file itself in its place and pack again",
            "mettez le fichier lui-même à la place et recompressez",
        ],
    ),
    (
        "archive-encrypted",
        [
            "a file is encrypted: {given}",
            "un fichier est chiffré : {given}",
        ],
        [
            "pack it again without a password",
            "recompressez sans mot de passe",
        ],
    ),
    (
        "archive-method",
        [
            "a file is compressed in a way that is not read here: {given}",
            "un fichier est compressé d’une façon qui n’est pas lue ici : {given}",
        ],
        [
            "pack it again as plain ZIP",
            "recompressez en ZIP ordinaire",
        ],
    ),
    (
        "archive-too-large",
        [
            "the archive unpacks to more than allowed: {given}",
            "une fois décompressée, l’archive dépasse la limite : {given}",
        ],
        [
            "split it, or take large files out of it",
            "découpez-la, ou retirez-en les gros fichiers",
        ],
    ),
    (
        "archive-too-many",
        [
            "the archive has too many files: {given}",
            "l’archive a trop de fichiers : {given}",
        ],
        ["split it", "découpez-la"],
    ),
    (
        "archive-nested",
        [
            "an archive is within an archive within an archive: {given}",
            "une archive est dans une archive, elle-même dans une archive : {given}",
        ],
        ["give the inner one", "fournissez celle de l’intérieur"],
    ),
    (
        "archive-empty",
        [
            "the archive holds no file",
            "l’archive ne contient aucun fichier",
        ],
        ["export it again", "exportez à nouveau"],
    ),
    (
        "archive-missing",
        [
            "the archive lacks a file: {given}",
            "il manque un fichier à l’archive : {given}",
        ],
        ["export it again", "exportez à nouveau"],
    ),
    (
        "package-no-manifest",
        [
            "this archive is no package that is read here: none of {wanted} is at its root",
            "cette archive n’est pas un paquet lu ici : aucun de {wanted} n’est à sa racine",
        ],
        [
            "export it as a package from the program that made it, or import it as a folder",
            "exportez-la comme paquet depuis le programme d’origine, ou importez-la comme dossier",
        ],
    ),
    (
        "manifest-alone",
        [
            "only the manifest of a package came in, not the files that it names",
            "seul le manifeste d’un paquet est entré, pas les fichiers qu’il nomme",
        ],
        [
            "import the whole package (.zip, .imscc) for its files",
            "importez le paquet entier (.zip, .imscc) pour ses fichiers",
        ],
    ),
    (
        "package-in-folder",
        [
            "{wanted} is not at the root but at `{given}`: the folder was packed, not what is in it",
            "{wanted} n’est pas à la racine mais à « {given} » : on a compressé le dossier et non son contenu",
        ],
        [
            "open the folder, select everything in it, and pack that",
            "ouvrez le dossier, sélectionnez tout ce qu’il contient, et compressez cela",
        ],
    ),
    (
        "package-other",
        [
            "it was given as {wanted} and is {given}; it was read as what it is",
            "il a été annoncé comme {wanted} et c’est du {given} ; il a été lu comme tel",
        ],
        ["nothing", "rien"],
    ),
    (
        "package-manifest-case",
        [
            "the manifest is called “{given}”",
            "le manifeste s’appelle « {given} »",
        ],
        [
            "call it {wanted}: some players look for exactly that name",
            "nommez-le {wanted} : certains lecteurs cherchent exactement ce nom",
        ],
    ),
    (
        "package-no-version",
        [
            "`{path}` is missing: the standard was told by other signs",
            "« {path} » manque : le standard a été reconnu à d’autres signes",
        ],
        ["add {wanted}", "ajoutez {wanted}"],
    ),
    (
        "package-version",
        [
            "`{path}`: “{given}” is not a version that is known here",
            "« {path} » : « {given} » n’est pas une version connue ici",
        ],
        [
            "nothing, if the program that made it is newer",
            "rien, si le programme d’origine est plus récent",
        ],
    ),
    (
        "package-version-differs",
        [
            "`{path}` says {given}, the namespace {wanted}",
            "« {path} » dit {given}, l’espace de noms {wanted}",
        ],
        ["make both say the same", "mettez les deux d’accord"],
    ),
    (
        "package-section",
        [
            "`{path}` stands {given} times, where it must stand once: {wanted}",
            "« {path} » est présent {given} fois, alors qu’il faut une fois {wanted}",
        ],
        ["export the package again", "exportez le paquet à nouveau"],
    ),
    (
        "package-no-identifier",
        ["`{path}` has no {wanted}", "« {path} » n’a pas de {wanted}"],
        [
            "give it one that nothing else in the file has",
            "donnez-lui-en un que rien d’autre dans le fichier n’a",
        ],
    ),
    (
        "package-identifier-twice",
        [
            "`{path}`: the identifier “{given}” stands more than once",
            "« {path} » : l’identifiant « {given} » est présent plusieurs fois",
        ],
        [
            "give each part an identifier of its own",
            "donnez à chaque partie son propre identifiant",
        ],
    ),
    (
        "package-identifier-form",
        [
            "`{path}`: “{given}” is not an identifier as XML wants it",
            "« {path} » : « {given} » n’est pas un identifiant au sens de XML",
        ],
        [
            "use letters, digits, `_`, `-` and `.`, a letter first",
            "utilisez lettres, chiffres, « _ », « - » et « . », une lettre d’abord",
        ],
    ),
    (
        "package-default-organization",
        [
            "`{path}`: there is no organization “{given}”",
            "« {path} » : il n’y a pas d’organisation « {given} »",
        ],
        ["name one that is there", "nommez-en une qui existe"],
    ),
    (
        "package-no-default",
        [
            "there are several organizations and none is the default; the first is shown",
            "il y a plusieurs organisations et aucune n’est celle par défaut ; la première est montrée",
        ],
        ["name one in `{path}`", "nommez-en une dans « {path} »"],
    ),
    (
        "package-organizations",
        [
            "there are {given} organizations, where a cartridge has one",
            "il y a {given} organisations, alors qu’une cartouche en a une",
        ],
        ["put everything into one", "rassemblez tout dans une seule"],
    ),
    (
        "package-structure",
        [
            "`{path}` is “{given}” and not {wanted}",
            "« {path} » est « {given} » et non {wanted}",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "package-no-organization-title",
        [
            "`{path}` is missing: SCORM wants a title for each organization",
            "« {path} » manque : SCORM veut un titre pour chaque organisation",
        ],
        ["give it a title", "donnez-lui un titre"],
    ),
    (
        "package-no-item-title",
        ["`{path}` is missing", "« {path} » manque"],
        [
            "give it a title: it is what learners see",
            "donnez-lui un titre : c’est ce que voient les élèves",
        ],
    ),
    (
        "package-identifierref",
        [
            "`{path}`: there is no resource “{given}”",
            "« {path} » : il n’y a pas de ressource « {given} »",
        ],
        [
            "name a resource that is there, or remove the item",
            "nommez une ressource qui existe, ou retirez l’élément",
        ],
    ),
    (
        "package-dependency",
        [
            "`{path}`: there is no resource “{given}”, which it needs",
            "« {path} » : il n’y a pas de ressource « {given} », dont elle a besoin",
        ],
        [
            "name a resource that is there, or remove the dependency",
            "nommez une ressource qui existe, ou retirez la dépendance",
        ],
    ),
    (
        "package-no-launch",
        [
            "`{path}` is missing: the item “{given}” has nothing to open",
            "« {path} » manque : l’élément « {given} » n’a rien à ouvrir",
        ],
        [
            "say which file is to be opened",
            "dites quel fichier est à ouvrir",
        ],
    ),
    (
        "package-no-type",
        ["`{path}` has no type", "« {path} » n’a pas de type"],
        [
            "write its type, {wanted} as a rule",
            "écrivez son type, {wanted} en général",
        ],
    ),
    (
        "package-resource-type",
        [
            "`{path}`: “{given}” is not a type of a cartridge that is known here",
            "« {path} » : « {given} » n’est pas un type de cartouche connu ici",
        ],
        [
            "nothing: its files are kept",
            "rien : ses fichiers sont conservés",
        ],
    ),
    (
        "package-thin",
        [
            "`{path}`: a thin cartridge holds links and tools only, not “{given}”",
            "« {path} » : une cartouche légère ne contient que des liens et des outils, pas « {given} »",
        ],
        [
            "export it as a Common Cartridge",
            "exportez-la comme Common Cartridge",
        ],
    ),
    (
        "package-href",
        [
            "`{path}` leads out of the package, or would run: “{given}”. The package was refused",
            "« {path} » mène hors du paquet, ou s’exécuterait : « {given} ». Le paquet est refusé",
        ],
        [
            "use relative paths to files of the package",
            "utilisez des chemins relatifs vers des fichiers du paquet",
        ],
    ),
    (
        "package-href-empty",
        ["`{path}` is empty", "« {path} » est vide"],
        [
            "write the path of a file of the package",
            "écrivez le chemin d’un fichier du paquet",
        ],
    ),
    (
        "package-href-spelling",
        [
            "`{path}`: “{given}” is really called “{wanted}”",
            "« {path} » : « {given} » s’appelle en réalité « {wanted} »",
        ],
        [
            "write {wanted}, percent-encoded: some servers tell upper from lower case",
            "écrivez {wanted}, en encodage pour cent : certains serveurs distinguent majuscules et minuscules",
        ],
    ),
    (
        "package-remote",
        [
            "`{path}` leads elsewhere: {given}. It was not fetched and may disappear",
            "« {path} » mène ailleurs : {given}. Rien n’a été téléchargé, et cela peut disparaître",
        ],
        [
            "put the file into the package if its licence allows",
            "mettez le fichier dans le paquet si sa licence le permet",
        ],
    ),
    (
        "package-local-address",
        [
            "`{path}` leads to a machine of a private network: {given}",
            "« {path} » mène à une machine d’un réseau privé : {given}",
        ],
        [
            "use an address that everybody can open",
            "utilisez une adresse que tout le monde peut ouvrir",
        ],
    ),
    (
        "package-file-missing",
        [
            "`{path}`: the file “{given}” is not in the package",
            "« {path} » : le fichier « {given} » n’est pas dans le paquet",
        ],
        [
            "add the file, or remove what names it",
            "ajoutez le fichier, ou retirez ce qui le nomme",
        ],
    ),
    (
        "package-files-missing",
        [
            "{given} more files that the manifest names are not in the package",
            "il manque au paquet {given} autres fichiers que le manifeste nomme",
        ],
        [
            "export the package again with all its files",
            "exportez le paquet à nouveau avec tous ses fichiers",
        ],
    ),
    (
        "package-link",
        [
            "`{path}`: no address could be read in “{given}”",
            "« {path} » : aucune adresse n’a pu être lue dans « {given} »",
        ],
        ["mend the file of the link", "corrigez le fichier du lien"],
    ),
    (
        "package-protected",
        [
            "parts of the package are for authorised people only",
            "des parties du paquet sont réservées à des personnes autorisées",
        ],
        [
            "export it without protection if its licence allows",
            "exportez-le sans protection si sa licence le permet",
        ],
    ),
    (
        "package-part-metadata",
        [
            "metadata of {given} single parts stay in the manifest and do not enter the record",
            "les métadonnées de {given} parties restent dans le manifeste et n’entrent pas dans la notice",
        ],
        [
            "nothing: the package is kept",
            "rien : le paquet est conservé",
        ],
    ),
    (
        "package-too-many-items",
        [
            "there are more than {wanted} items; the first were taken",
            "il y a plus de {wanted} éléments ; les premiers ont été pris",
        ],
        ["split the package", "découpez le paquet"],
    ),
    (
        "licence-undisclosed",
        [
            "`{path}` says that the licence is undisclosed: nobody may adapt it",
            "« {path} » dit que la licence n’est pas indiquée : personne n’a le droit d’adapter",
        ],
        [
            "choose a licence in the program that made it, and export again",
            "choisissez une licence dans le programme d’origine, et exportez à nouveau",
        ],
    ),
    (
        "licence-reserved",
        [
            "`{path}` says that all rights are reserved: nobody may adapt it",
            "« {path} » dit que tous les droits sont réservés : personne n’a le droit d’adapter",
        ],
        [
            "ask its author for an open licence",
            "demandez une licence ouverte à son auteur",
        ],
    ),
    (
        "licence-no-version",
        [
            "`{path}`: “{given}” has no version, so that it is not certain which licence it is",
            "« {path} » : « {given} » n’a pas de version, on ne sait donc pas quelle licence c’est",
        ],
        [
            "add the version, such as 4.0",
            "ajoutez la version, par exemple 4.0",
        ],
    ),
    (
        "licence-mixed",
        [
            "the files have several licences: {given}",
            "les fichiers ont plusieurs licences : {given}",
        ],
        [
            "state which licence the whole has",
            "indiquez quelle licence a l’ensemble",
        ],
    ),
    (
        "h5p-no-content",
        [
            "content/content.json is missing or is not JSON",
            "content/content.json manque ou n’est pas du JSON",
        ],
        [
            "export the content again from the H5P editor",
            "exportez le contenu à nouveau depuis l’éditeur H5P",
        ],
    ),
    (
        "h5p-not-json",
        [
            "h5p.json is not JSON that can be read: {given}",
            "h5p.json n’est pas du JSON lisible : {given}",
        ],
        [
            "export the content again from the H5P editor",
            "exportez le contenu à nouveau depuis l’éditeur H5P",
        ],
    ),
    (
        "h5p-no-library",
        [
            "`{path}` is missing or is not the name of a library: “{given}”",
            "« {path} » manque ou n’est pas le nom d’une bibliothèque : « {given} »",
        ],
        [
            "write the main library, such as {wanted}",
            "écrivez la bibliothèque principale, par exemple {wanted}",
        ],
    ),
    (
        "h5p-extension",
        [
            "the file “{given}” is of a kind that no H5P content may hold",
            "le fichier « {given} » est d’un type qu’aucun contenu H5P ne peut contenir",
        ],
        ["remove it and pack again", "retirez-le et recompressez"],
    ),
    (
        "h5p-field",
        [
            "`{path}` is missing or not as H5P wants it: “{given}”",
            "« {path} » manque ou n’est pas comme H5P le veut : « {given} »",
        ],
        [
            "export the content again from the H5P editor",
            "exportez le contenu à nouveau depuis l’éditeur H5P",
        ],
    ),
    (
        "h5p-parts",
        [
            "{given} pieces of the content have licences of their own: {wanted}",
            "{given} éléments du contenu ont leurs propres licences : {wanted}",
        ],
        [
            "give credit for them too: they are in content/content.json",
            "créditez-les aussi : elles sont dans content/content.json",
        ],
    ),
    (
        "epub-mimetype",
        [
            "the file `mimetype` is missing or says “{given}”",
            "le fichier « mimetype » manque ou dit « {given} »",
        ],
        [
            "it says {wanted} and stands first",
            "il dit {wanted} et se trouve en premier",
        ],
    ),
    (
        "epub-container",
        [
            "META-INF/container.xml names no package document that is there",
            "META-INF/container.xml ne nomme aucun document de paquet présent",
        ],
        ["export the book again", "exportez le livre à nouveau"],
    ),
    (
        "epub-encrypted",
        [
            "the book is encrypted: its chapters cannot be read",
            "le livre est chiffré : ses chapitres ne peuvent pas être lus",
        ],
        [
            "export it without protection if its licence allows",
            "exportez-le sans protection si sa licence le permet",
        ],
    ),
    (
        "epub-spine",
        [
            "`{path}`: the reading order names “{given}”, which the book does not have",
            "« {path} » : l’ordre de lecture nomme « {given} », que le livre n’a pas",
        ],
        [
            "add the chapter, or remove it from the spine",
            "ajoutez le chapitre, ou retirez-le de l’ordre de lecture",
        ],
    ),
    (
        "epub-required",
        [
            "`{path}` is missing, which every EPUB must have",
            "« {path} » manque, alors que tout EPUB doit l’avoir",
        ],
        ["fill it in", "renseignez-le"],
    ),
    (
        "moodle-part",
        [
            "`{path}` cannot be read: {given}",
            "« {path} » ne peut pas être lu : {given}",
        ],
        ["make the backup again", "refaites la sauvegarde"],
    ),
    (
        "moodle-users",
        [
            "the backup holds data of people: {given}",
            "la sauvegarde contient des données de personnes : {given}",
        ],
        [
            "nothing: what is published is a copy without them; next time make the backup without users",
            "rien : ce qui est publié est une copie sans elles ; la prochaine fois, faites la sauvegarde sans les utilisateurs",
        ],
    ),
    (
        "moodle-left-out",
        [
            "`{path}` was left out ({given}): it holds data of people, or may",
            "« {path} » a été omis ({given}) : il contient des données de personnes, ou pourrait en contenir",
        ],
        [
            "nothing; what is missing can be imported by itself",
            "rien ; ce qui manque peut être importé à part",
        ],
    ),
    (
        "moodle-stripped",
        [
            "data of people were taken out of `{path}`: {given}",
            "des données de personnes ont été retirées de « {path} » : {given}",
        ],
        ["nothing", "rien"],
    ),
    (
        "moodle-credits",
        [
            "names of authors stay in `{path}` where the licence of the file asks for them: {given}",
            "des noms d’auteurs restent dans « {path} » là où la licence du fichier les demande : {given}",
        ],
        [
            "nothing: they are the credit; what is wrong is mended in Moodle",
            "rien : c’est la mention de l’auteur ; ce qui est faux se corrige dans Moodle",
        ],
    ),
    (
        "moodle-secret",
        [
            "a password or key was taken out of `{path}`: {given}",
            "un mot de passe ou une clé a été retiré de « {path} » : {given}",
        ],
        [
            "set it again after restoring the course",
            "redéfinissez-le après avoir restauré le cours",
        ],
    ),
    (
        "moodle-unlicensed",
        [
            "{given} files have no licence, or all rights reserved",
            "{given} fichiers n’ont pas de licence, ou tous droits réservés",
        ],
        [
            "state the licence of each file in Moodle, or of the whole here",
            "indiquez la licence de chaque fichier dans Moodle, ou de l’ensemble ici",
        ],
    ),
    (
        "moodle-not-a-course",
        [
            "the backup is of a single {given}, not of a course",
            "la sauvegarde est celle d’un seul {given}, non d’un cours",
        ],
        ["nothing", "rien"],
    ),
];
