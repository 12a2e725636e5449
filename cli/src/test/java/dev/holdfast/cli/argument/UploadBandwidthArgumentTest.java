package dev.holdfast.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadUsage;
import dev.holdfast.replicator.UploadBandwidth;

import org.junit.jupiter.api.Test;

final class UploadBandwidthArgumentTest {
    @Test
    void readsBytesASecond() {
        assertThat(new UploadBandwidthArgument().convert("2MB"))
                .isEqualTo(UploadBandwidth.of(2_000_000));
        assertThat(new UploadBandwidthArgument().convert("unlimited"))
                .isEqualTo(UploadBandwidth.UNLIMITED);
    }

    @Test
    void refusesWhatNobodyWouldReadTheSame() {
        for (String text : new String[] {"2", "2MB/s", "2Mbit", "0MB", "none", ""}) {
            assertThatThrownBy(() -> new UploadBandwidthArgument().convert(text))
                    .isInstanceOf(BadUsage.class)
                    .hasMessage(
                            "found \""
                                    + text
                                    + "\", wanted bytes a second such as 500kB or 2MB, or"
                                    + " unlimited");
        }
    }
}
