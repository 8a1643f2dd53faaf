### What can be taken to another tool.

export-cartridge = Common Cartridge, for Moodle
export-package = All files (ZIP)
export-bag = Archive with everything (BagIt)
