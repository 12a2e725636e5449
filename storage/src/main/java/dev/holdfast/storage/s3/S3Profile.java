package dev.holdfast.storage.s3;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.ServerWords;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileLocation;
import software.amazon.awssdk.profiles.ProfileFileSupplier;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A profile that credentials are looked for in: of a file that a place names, or of the AWS tools'
/// own two.
///
/// @param naming what names it, as one would correct it; empty for the default one
/// @param isOfTools whether it is looked for in the AWS tools' own files
record S3Profile(String name, String naming, boolean isOfTools, ProfileFileSupplier files) {
    private static final String DEFAULT = "default";
    private static final String VARIABLE =
            ProfileFileSystemSetting.AWS_PROFILE.environmentVariable();

    /// Not by its path: a secret may stand in its place.
    private static final String NAMED_FILE = "the file that " + S3Options.CREDENTIALS + "= names";

    /// Of the file that a place names, whatever `AWS_PROFILE` says of the AWS tools' own.
    static S3Profile ofFile(Optional<String> name, Path file) {
        return new S3Profile(
                name.orElse(DEFAULT),
                name.isPresent() ? S3Options.PROFILE + "=" : "",
                false,
                ProfileFileSupplier.reloadWhenModified(file, ProfileFile.Type.CREDENTIALS));
    }

    /// One that a place names.
    static S3Profile ofPlace(String name) {
        return ofTools(name, S3Options.PROFILE + "=");
    }

    /// The one that the environment names, if it does: an empty name is none to the AWS tools.
    static Optional<S3Profile> ofEnvironment() {
        return ProfileFileSystemSetting.AWS_PROFILE
                .getNonDefaultStringValue()
                .filter(name -> !name.isBlank())
                .map(name -> ofTools(name, VARIABLE));
    }

    /// That one, or the one that nobody names.
    static S3Profile ofTools() {
        return ofEnvironment().orElseGet(() -> ofTools(DEFAULT, ""));
    }

    /// What the AWS tools' own files say of the region.
    static AwsRegionProvider regionOf(S3Options options) {
        S3Profile profile =
                options.credentials().isPresent()
                        ? ofTools()
                        : options.profile().map(S3Profile::ofPlace).orElseGet(S3Profile::ofTools);
        return new AwsProfileRegionProvider(profile.files, profile.name);
    }

    private static S3Profile ofTools(String name, String naming) {
        return new S3Profile(name, naming, true, ProfileFileSupplier.defaultSupplier());
    }

    /// Whether it stands in a file, with credentials or without. What can't be read counts: that
    /// has words of its own.
    boolean isThere() {
        try {
            @Nullable ProfileFile found = files.get(); // none where there is no file
            return found != null && found.profile(name).isPresent();
        } catch (RuntimeException _) { // the SDK has no type for it
            return true;
        }
    }

    /// @param why there are none, where the profile is
    StoreException.Denied noCredentials(String why, @Nullable RuntimeException failure) {
        return new StoreException.Denied(
                "no credentials in the profile "
                        + ServerWords.oneLine(name)
                        + (naming.isEmpty() ? "" : ", which " + naming + " names")
                        + ": "
                        + (isThere() ? why : "there is no such profile")
                        + "; looked for in "
                        + (isOfTools ? lookedInto() : NAMED_FILE),
                remedy(),
                failure);
    }

    private static String lookedInto() {
        return told(ProfileFileLocation.credentialsFilePath())
                + " and "
                + told(ProfileFileLocation.configurationFilePath());
    }

    /// The SDK passes over a file that it can't read.
    private static String told(Path file) {
        return file
                + (Files.isRegularFile(file)
                        ? Files.isReadable(file) ? "" : " (can't be read)"
                        : Files.exists(file) ? " (no file)" : " (not there)");
    }

    private String remedy() {
        String file = isOfTools ? ProfileFileLocation.credentialsFilePath().toString() : NAMED_FILE;
        return "Write aws_access_key_id and aws_secret_access_key below ["
                + ServerWords.oneLine(name)
                + "] in "
                + file
                + (naming.isEmpty() ? "" : ", or correct " + naming)
                + (naming.equals(VARIABLE)
                        ? "; without it the default profile is meant, or a role of this pod or"
                                + " machine"
                        : "")
                + ".";
    }
}
