mod federation;
mod rules;
