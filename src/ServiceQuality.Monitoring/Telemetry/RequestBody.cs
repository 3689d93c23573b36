using System.Buffers;
using System.IO.Compression;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>The unpacked body of a request in a rented buffer; dispose it when nothing refers to it any more.</summary>
internal sealed class RequestBody : IDisposable
{
    private byte[] _buffer;
    private int _length;

    private RequestBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlyMemory<byte> Json => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body, unpacking gzip, and stops as soon as it is longer than it may be, however small it was packed.</summary>
    /// <exception cref="TooLargeException">It is longer than <paramref name="limit"/> bytes.</exception>
    /// <exception cref="InvalidDataException">It is no gzip although it says so.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, bool packed, int limit, CancellationToken ct)
    {
        if (!packed && request.ContentLength > limit)
            throw new TooLargeException(limit);

        var body = new RequestBody((int)Math.Min(limit, Math.Max(request.ContentLength ?? 0, 4_096) * (packed ? 8 : 1)) + 1);
        try
        {
            await using var unpacked = packed ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true) : null;
            var stream = unpacked ?? request.Body;
            while (await stream.ReadAsync(body._buffer.AsMemory(body._length), ct) is var read and > 0)
            {
                body._length += read;
                if (body._length > limit)
                    throw new TooLargeException(limit);
                if (body._length == body._buffer.Length)
                    body.Grow();
            }
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }
}

/// <summary>More bytes than one POST may carry.</summary>
internal sealed class TooLargeException(int limit) : Exception($"The request holds more than {limit} bytes after unpacking.");
