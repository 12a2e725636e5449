/// The configuration file, `holdfast.yml`: what may stand in it (`docs/configuration.md`), and what
/// it comes to.
///
/// All that is wrong with a file is told at once, each with its line and column. Values are read by
/// the same code as those of the command line; nothing here knows another form of them. Only
/// [YamlParser] uses the YAML library. Start at [ConfigReader], then [Policies].
@NullMarked
package dev.holdfast.cli.config;

import org.jspecify.annotations.NullMarked;
