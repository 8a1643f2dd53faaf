### What can be taken to another tool.

export-title = L’emporter ailleurs
export-cartridge = Common Cartridge, pour Moodle
export-package = Tous les fichiers (ZIP)
export-bag = Archive complète (BagIt)
