### What can be taken to another tool.

export-cartridge = Common Cartridge, pour Moodle
export-package = Tous les fichiers (ZIP)
export-bag = Archive complète (BagIt)
