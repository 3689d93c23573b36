using System.Buffers;
using System.Text;

namespace ServiceQuality.Scoring;

/// <summary>Writes numbers in as few bytes as they need: seven bits a byte, signed ones zigzag.</summary>
internal sealed class PackedWriter
{
    [ThreadStatic]
    private static PackedWriter? ofThread;

    private byte[] buffer = new byte[256];
    private int length;

    /// <summary>One to use for a moment and to clear first, so that nothing is allocated for it.</summary>
    public static PackedWriter OfThread => ofThread ??= new();

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public void Clear() => length = 0;

    public void Byte(byte value)
    {
        if (length == buffer.Length)
            Array.Resize(ref buffer, 2 * length);
        buffer[length++] = value;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (length + bytes.Length > buffer.Length)
            Array.Resize(ref buffer, Math.Max(2 * buffer.Length, length + bytes.Length));
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    public void Unsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Long(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Wide(Int128 value)
    {
        var bits = (UInt128)((value << 1) ^ (value >> 127));
        for (; bits >= 0x80; bits >>= 7)
            Byte((byte)((byte)bits | 0x80));
        Byte((byte)bits);
    }

    /// <summary>A number that is often a multiple of the scale.</summary>
    public void Scaled(Int128 value, Int128 scale)
    {
        var (quotient, rest) = Int128.DivRem(value, scale);
        Wide(rest == 0 ? quotient << 1 : (value << 1) | 1);
    }

    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Unsigned((ulong)bytes.Length);
        Bytes(bytes);
    }

    public void Points(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        // Equal amounts must give equal bytes: 0.50 is written as 0.5.
        decimal.GetBits(value / 1.0000000000000000000000000000m, bits);
        foreach (var part in bits)
            Unsigned((uint)part);
    }
}

/// <summary>Reads what <see cref="PackedWriter"/> wrote.</summary>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;

    public readonly bool End => at == bytes.Length;

    public byte Byte() => at < bytes.Length ? bytes[at++] : throw new InvalidDataException("The state ends too soon.");

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)(bytes.Length - at))
            throw new InvalidDataException("The state ends too soon.");
        at += count;
        return bytes.Slice(at - count, count);
    }

    public ulong Unsigned()
    {
        var next = Byte();
        if (next < 0x80)
            return next;
        ulong value = next & 0x7Fu;
        for (var shift = 7; ; shift += 7)
        {
            next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
            if (shift > 56)
                throw new InvalidDataException("A number is too long.");
        }
    }

    public long Long()
    {
        var bits = Unsigned();
        return (long)(bits >> 1) ^ -(long)(bits & 1);
    }

    public Int128 Wide()
    {
        // Nearly all fit into 63 bits, where arithmetic is cheap.
        ulong small = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = Byte();
            small |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)(small >> 1) ^ -(long)(small & 1);
        }
        UInt128 bits = small;
        for (var shift = 63; shift < 133; shift += 7)
        {
            var next = Byte();
            bits |= (UInt128)(next & 0x7F) << shift;
            if (next < 0x80)
                return (Int128)(bits >> 1) ^ -(Int128)(bits & 1);
        }
        throw new InvalidDataException("A number is too long.");
    }

    public Int128 Scaled(Int128 scale)
    {
        var value = Wide();
        return (value & 1) == 0 ? (value >> 1) * scale : value >> 1;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes((int)Math.Min(Unsigned(), int.MaxValue)));

    public decimal Points()
    {
        Span<int> bits = [(int)Unsigned(), (int)Unsigned(), (int)Unsigned(), (int)Unsigned()];
        return new decimal(bits);
    }
}
