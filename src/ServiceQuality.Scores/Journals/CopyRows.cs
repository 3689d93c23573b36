using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ServiceQuality.Scores.Journals;

/// <summary>
/// Journal rows in PostgreSQL's binary COPY format. Written by hand because the rows are the hot path: one growing buffer, no
/// object and no await per value.
/// </summary>
internal sealed class CopyRows : IDisposable
{
    internal const string Columns = "branch, seq, key, time, received, batch, type, source, id, data";
    private const int FieldCount = 10;
    private static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly long Epoch = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 19);
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public int Length => _length;

    public void Clear() => _length = 0;

    public void Begin() => Raw(Signature);

    public void End() => BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);

    public void Add(int branch, long seq, DateTimeOffset received, Entry entry)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(2), FieldCount);
        var four = Take(8);
        BinaryPrimitives.WriteInt32BigEndian(four, 4);
        BinaryPrimitives.WriteInt32BigEndian(four[4..], branch);
        Int64(seq);
        Uuid(entry.Key);
        Int64(ToWire(entry.Time));
        Int64(ToWire(received));
        Uuid(entry.Batch);
        Text(entry.Type);
        Text(entry.Source);
        Text(entry.Id);
        var data = entry.Data.Span;
        BinaryPrimitives.WriteInt32BigEndian(Take(4), data.Length);
        Raw(data);
    }

    public static long ToWire(DateTimeOffset time) => (time.UtcTicks - Epoch) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromWire(long micros) => micros switch
    {
        long.MinValue => DateTimeOffset.MinValue,
        long.MaxValue => DateTimeOffset.MaxValue,
        _ => new(Epoch + micros * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
    };

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Int64(long value)
    {
        var field = Take(12);
        BinaryPrimitives.WriteInt32BigEndian(field, 8);
        BinaryPrimitives.WriteInt64BigEndian(field[4..], value);
    }

    private void Uuid(Guid value)
    {
        var field = Take(20);
        BinaryPrimitives.WriteInt32BigEndian(field, 16);
        value.TryWriteBytes(field[4..], bigEndian: true, out _);
    }

    private void Text(string value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Reserve(4 + most);
        var length = Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length + 4));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), length);
        _length += 4 + length;
    }

    private void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int size)
    {
        Reserve(size);
        var span = _buffer.AsSpan(_length, size);
        _length += size;
        return span;
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _length >= size)
            return;

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + size));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
