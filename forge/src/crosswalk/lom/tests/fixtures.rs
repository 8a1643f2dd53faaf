//! Records that use every element, written for these tests.

pub(super) const FULL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<lom:lom xmlns:lom="http://ltsc.ieee.org/xsd/LOM" xmlns:lomfr="http://www.lom-fr.fr/xsd/LOMFR">
<lom:general>
<lom:identifier><lom:catalog>URI</lom:catalog><lom:entry>https://a.example/r</lom:entry></lom:identifier>
<lom:identifier><lom:catalog>DOI</lom:catalog><lom:entry>10.5555/lom</lom:entry></lom:identifier>
<lom:identifier><lom:catalog>ISBN</lom:catalog><lom:entry>9782070000000</lom:entry></lom:identifier>
<lom:identifier><lom:catalog>cote</lom:catalog><lom:entry>12-B</lom:entry></lom:identifier>
<lom:title><lom:string language="fr">Applications linéaires</lom:string><lom:string language="en">Linear maps</lom:string></lom:title>
<lom:language>fr</lom:language><lom:language>en</lom:language>
<lom:description><lom:string language="fr">Noyau et image.</lom:string></lom:description>
<lom:keyword><lom:string language="fr">noyau</lom:string></lom:keyword>
<lom:keyword><lom:string language="en">kernel</lom:string></lom:keyword>
<lom:coverage><lom:string language="fr">France</lom:string></lom:coverage>
<lom:structure><lom:source>LOMv1.0</lom:source><lom:value>hierarchical</lom:value></lom:structure>
<lom:aggregationLevel><lom:source>LOMv1.0</lom:source><lom:value>2</lom:value></lom:aggregationLevel>
<lomfr:documentType><lomfr:source>LOMFRv1.0</lomfr:source><lomfr:value>texte</lomfr:value></lomfr:documentType>
</lom:general>
<lom:lifeCycle>
<lom:version><lom:string language="fr">2.1</lom:string></lom:version>
<lom:status><lom:source>LOMv1.0</lom:source><lom:value>final</lom:value></lom:status>
<lom:contribute><lom:role><lom:source>LOMv1.0</lom:source><lom:value>author</lom:value></lom:role>
<lom:entity><![CDATA[BEGIN:VCARD
VERSION:3.0
N:Exemple;Ada;;;
FN:Ada Exemple
ORG:Université\, test
EMAIL;TYPE=INTERNET:ada@example.org
URL:https://orcid.org/0000-0002-1825-0097
END:VCARD]]></lom:entity>
<lom:date><lom:dateTime>2024-03-01</lom:dateTime><lom:description><lom:string language="fr">création</lom:string></lom:description></lom:date></lom:contribute>
<lom:contribute><lom:role><lom:source>LOMv1.0</lom:source><lom:value>publisher</lom:value></lom:role>
<lom:entity>BEGIN:VCARD
VERSION:3.0
N:Université de test;;;;
FN:Université de test
ORG:Université de test
NOTE:SIREN=130005481
END:VCARD</lom:entity>
<lom:date><lom:dateTime>2024-09-01T08:00:00.0+02:00</lom:dateTime></lom:date></lom:contribute>
<lom:contribute><lom:role><lom:source>LOMv1.0</lom:source><lom:value>graphical designer</lom:value></lom:role>
<lom:entity>BEGIN:VCARD
VERSION:3.0
N:Dessin;Bob;;;
FN:Bob Dessin
END:VCARD</lom:entity></lom:contribute>
<lom:contribute><lom:role><lom:source>LOMFRv1.0</lom:source><lom:value>contributeur</lom:value></lom:role>
<lom:entity>BEGIN:VCARD
VERSION:3.0
N:Aide;Zoé;;;
FN:Zoé Aide
END:VCARD</lom:entity></lom:contribute>
</lom:lifeCycle>
<lom:metaMetadata>
<lom:identifier><lom:catalog>URI</lom:catalog><lom:entry>https://a.example/oai/2</lom:entry></lom:identifier>
<lom:contribute><lom:role><lom:source>LOMv1.0</lom:source><lom:value>creator</lom:value></lom:role>
<lom:entity>BEGIN:VCARD
VERSION:3.0
N:Liothèque;Bib;;;
FN:Bib Liothèque
END:VCARD</lom:entity><lom:date><lom:dateTime>2024-09-02</lom:dateTime></lom:date></lom:contribute>
<lom:metadataSchema>LOMv1.0</lom:metadataSchema><lom:metadataSchema>LOMFRv1.0</lom:metadataSchema>
<lom:language>fr</lom:language>
</lom:metaMetadata>
<lom:technical>
<lom:format>application/pdf</lom:format><lom:size>1200</lom:size>
<lom:location>https://a.example/r.pdf</lom:location>
<lom:requirement>
<lom:orComposite><lom:type><lom:source>LOMv1.0</lom:source><lom:value>operating system</lom:value></lom:type><lom:name><lom:source>LOMv1.0</lom:source><lom:value>ms-windows</lom:value></lom:name><lom:minimumVersion>10</lom:minimumVersion></lom:orComposite>
<lom:orComposite><lom:type><lom:source>LOMv1.0</lom:source><lom:value>operating system</lom:value></lom:type><lom:name><lom:source>LOMFRv1.0</lom:source><lom:value>linux</lom:value></lom:name></lom:orComposite>
</lom:requirement>
<lom:installationRemarks><lom:string language="fr">Décompresser.</lom:string></lom:installationRemarks>
<lom:otherPlatformRequirements><lom:string language="fr">Lecteur PDF</lom:string></lom:otherPlatformRequirements>
<lom:duration><lom:duration>PT1H30M</lom:duration></lom:duration>
</lom:technical>
<lom:educational>
<lom:interactivityType><lom:source>LOMv1.0</lom:source><lom:value>mixed</lom:value></lom:interactivityType>
<lom:learningResourceType><lom:source>LOMv1.0</lom:source><lom:value>figure</lom:value></lom:learningResourceType>
<lom:learningResourceType><lom:source>LOMv1.0</lom:source><lom:value>lecture</lom:value></lom:learningResourceType>
<lom:learningResourceType><lom:source>LOMFRv1.0</lom:source><lom:value>tutoriel</lom:value></lom:learningResourceType>
<lom:interactivityLevel><lom:source>LOMv1.0</lom:source><lom:value>very low</lom:value></lom:interactivityLevel>
<lom:semanticDensity><lom:source>LOMv1.0</lom:source><lom:value>high</lom:value></lom:semanticDensity>
<lom:intendedEndUserRole><lom:source>LOMv1.0</lom:source><lom:value>learner</lom:value></lom:intendedEndUserRole>
<lom:context><lom:source>LOMv1.0</lom:source><lom:value>higher education</lom:value></lom:context>
<lom:context><lom:source>LOMFRv1.0</lom:source><lom:value>licence</lom:value></lom:context>
<lom:context><lom:source>LOMFRv1.0</lom:source><lom:value>formation continue</lom:value></lom:context>
<lom:typicalAgeRange><lom:string language="fr">18 - 25</lom:string></lom:typicalAgeRange>
<lom:difficulty><lom:source>LOMv1.0</lom:source><lom:value>very difficult</lom:value></lom:difficulty>
<lom:typicalLearningTime><lom:duration>PT2H</lom:duration></lom:typicalLearningTime>
<lom:description><lom:string language="fr">En autonomie.</lom:string></lom:description>
<lom:language>fr</lom:language>
<lomfr:activity><lomfr:source>LOMFRv1.0</lomfr:source><lomfr:value>s'exercer</lomfr:value></lomfr:activity>
<lomfr:credit><lomfr:string language="fr">6 ECTS</lomfr:string></lomfr:credit>
</lom:educational>
<lom:rights>
<lom:cost><lom:source>LOMv1.0</lom:source><lom:value>no</lom:value></lom:cost>
<lom:copyrightAndOtherRestrictions><lom:source>LOMv1.0</lom:source><lom:value>yes</lom:value></lom:copyrightAndOtherRestrictions>
<lom:description><lom:string language="fr">Licence CC BY-SA 4.0 : https://creativecommons.org/licenses/by-sa/4.0/deed.fr</lom:string></lom:description>
</lom:rights>
<lom:relation><lom:kind><lom:source>LOMFRv1.0</lom:source><lom:value>est la traduction de</lom:value></lom:kind><lom:resource><lom:identifier><lom:catalog>URI</lom:catalog><lom:entry>https://a.example/en</lom:entry></lom:identifier></lom:resource></lom:relation>
<lom:relation><lom:kind><lom:source>LOMv1.0</lom:source><lom:value>requires</lom:value></lom:kind><lom:resource><lom:description><lom:string language="fr">Espaces vectoriels</lom:string></lom:description></lom:resource></lom:relation>
<lom:annotation><lom:entity>BEGIN:VCARD
VERSION:3.0
N:Lectrice;Léa;;;
FN:Léa Lectrice
END:VCARD</lom:entity><lom:date><lom:dateTime>2024-10-01</lom:dateTime></lom:date><lom:description><lom:string language="fr">Très clair.</lom:string></lom:description></lom:annotation>
<lom:classification><lom:purpose><lom:source>LOMv1.0</lom:source><lom:value>discipline</lom:value></lom:purpose>
<lom:taxonPath><lom:source><lom:string language="fr">CDD 22e éd.</lom:string></lom:source><lom:taxon><lom:id>500</lom:id><lom:entry><lom:string language="fr">Sciences</lom:string></lom:entry></lom:taxon><lom:taxon><lom:id>512.5</lom:id><lom:entry><lom:string language="fr">Algèbre linéaire</lom:string></lom:entry></lom:taxon></lom:taxonPath>
<lom:taxonPath><lom:source><lom:string language="en">ISCED-F 2013</lom:string></lom:source><lom:taxon><lom:id>0541</lom:id></lom:taxon></lom:taxonPath></lom:classification>
<lom:classification><lom:purpose><lom:source>LOMv1.0</lom:source><lom:value>educational objective</lom:value></lom:purpose><lom:description><lom:string language="fr">Savoir calculer un noyau.</lom:string></lom:description></lom:classification>
<lom:classification><lom:purpose><lom:source>LOMv1.0</lom:source><lom:value>educational level</lom:value></lom:purpose><lom:taxonPath><lom:source><lom:string>ISCED 2011</lom:string></lom:source><lom:taxon><lom:id>isced-7</lom:id></lom:taxon></lom:taxonPath></lom:classification>
<lom:classification><lom:purpose><lom:source>LOMv1.0</lom:source><lom:value>skill level</lom:value></lom:purpose><lom:taxonPath><lom:source><lom:string language="fr">échelle locale</lom:string></lom:source><lom:taxon><lom:id>3</lom:id></lom:taxon></lom:taxonPath></lom:classification>
<lom:classification><lom:purpose><lom:source>LOMv1.0</lom:source><lom:value>accessibility restrictions</lom:value></lom:purpose><lom:taxonPath><lom:source><lom:string>schema.org accessibilityFeature</lom:string></lom:source><lom:taxon><lom:id>captions</lom:id></lom:taxon></lom:taxonPath></lom:classification>
</lom:lom>"#;

pub(super) const IMS: &str = r#"<lom xmlns="http://www.imsglobal.org/xsd/imsmd_rootv1p2p1">
<general><title><langstring xml:lang="en">Golf</langstring></title>
<catalogentry><catalog>URI</catalog><entry><langstring xml:lang="x-none">https://a.example/golf</langstring></entry></catalogentry></general>
<lifecycle><status><source><langstring xml:lang="x-none">LOMv1.0</langstring></source><value><langstring xml:lang="x-none">Final</langstring></value></status>
<contribute><role><source><langstring xml:lang="x-none">LOMv1.0</langstring></source><value><langstring xml:lang="x-none">Author</langstring></value></role>
<centity><vcard>BEGIN:VCARD
FN:Ada Exemple
END:VCARD</vcard></centity><date><datetime>2003-05-01</datetime></date></contribute></lifecycle>
<metametadata><metadatascheme>ADL SCORM 1.2</metadatascheme></metametadata>
<educational><learningresourcetype><source><langstring xml:lang="x-none">LOMv1.0</langstring></source><value><langstring xml:lang="x-none">Exercise</langstring></value></learningresourcetype>
<typicallearningtime><datetime>PT1H</datetime></typicallearningtime></educational>
<rights><copyrightandotherrestrictions><source><langstring xml:lang="x-none">LOMv1.0</langstring></source><value><langstring xml:lang="x-none">yes</langstring></value></copyrightandotherrestrictions></rights>
<classification><purpose><source><langstring xml:lang="x-none">LOMv1.0</langstring></source><value><langstring xml:lang="x-none">Discipline</langstring></value></purpose>
<taxonpath><source><langstring xml:lang="en">Dewey</langstring></source><taxon><id>796</id><taxon><id>796.352</id><entry><langstring xml:lang="en">Golf</langstring></entry></taxon></taxon></taxonpath></classification>
</lom>"#;
