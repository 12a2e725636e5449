package dev.holdfast.storage.s3;

import dev.holdfast.storage.bucket.BoundedInput;

import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

import java.io.InputStream;
import java.util.Optional;

/// Ends an answer that is longer than any of S3's. The SDK takes all of it into memory, an error's
/// and a listing's alike, and what answers may be no S3.
final class BoundedAnswers implements ExecutionInterceptor {
    /// A page of a listing: a thousand keys of 1,024 bytes, each of them encoded as three, and as
    /// much again for the rest.
    static final int MAX_BYTES = 8 << 20;

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        // An object's own bytes go into a buffer that has its size
        boolean isObject =
                context.request() instanceof GetObjectRequest
                        && context.httpResponse().isSuccessful();
        return isObject
                ? context.responseBody()
                : context.responseBody().map(body -> new BoundedInput(body, MAX_BYTES));
    }
}
