using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scores.Journals;

/// <summary>A fact on its way into a journal: everything but its <c>seq</c>, which the commit assigns.</summary>
/// <param name="Key">Identity of the fact within its branch, see <see cref="KeyOf"/>.</param>
/// <param name="Source">CloudEvents <c>source</c>.</param>
/// <param name="Id">CloudEvents <c>id</c>.</param>
/// <param name="Type">One of <see cref="FactTypes"/>.</param>
/// <param name="Time">Event time, whole microseconds.</param>
/// <param name="Received">When the suite got it, whole microseconds; the commit may move it forward, never back.</param>
/// <param name="Batch">The batch that brought it.</param>
/// <param name="Data">JSON as it was sent.</param>
public sealed record Entry(Guid Key, string Source, string Id, string Type, DateTimeOffset Time, DateTimeOffset Received, Guid Batch, ReadOnlyMemory<byte> Data)
{
    /// <summary>The entry for an accepted fact. Times are cut to microseconds, the precision of the journal: live and replayed folds see the same instant.</summary>
    public static Entry Of(AcceptedFact fact, DateTimeOffset received, Guid batch) => new(
        KeyOf(fact.Source, fact.Id), fact.Source, fact.Id, fact.Type, Micros(fact.Time), Micros(received), batch, JsonMarshal.GetRawUtf8Value(fact.Data).ToArray());

    /// <summary>First 128 bits of SHA-256 over <c>source</c>, a NUL and <c>id</c>.</summary>
    /// <exception cref="ArgumentException">A part holds a NUL, which neither CloudEvents nor the journal's text columns allow.</exception>
    public static Guid KeyOf(string source, string id)
    {
        if (source.Contains('\0'))
            throw new ArgumentException("A source holds no NUL.", nameof(source));
        if (id.Contains('\0'))
            throw new ArgumentException("An id holds no NUL.", nameof(id));

        var size = Encoding.UTF8.GetMaxByteCount(source.Length) + 1 + Encoding.UTF8.GetMaxByteCount(id.Length);
        var text = size <= 1024 ? stackalloc byte[size] : new byte[size];
        var length = Encoding.UTF8.GetBytes(source, text);
        text[length++] = 0;
        length += Encoding.UTF8.GetBytes(id, text[length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    internal static DateTimeOffset Micros(DateTimeOffset time)
    {
        var utc = time.UtcTicks;
        return new DateTimeOffset(utc - utc % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }
}

/// <summary>What is known about the POST behind a batch (PLT-07).</summary>
public sealed record BatchOrigin(Guid Id, Guid? Key, string? TraceParent, DateTimeOffset Received)
{
    /// <summary>The origin of an accepted batch.</summary>
    public static BatchOrigin Of(FactsAccepted batch) => new(batch.Batch, batch.Key, batch.TraceParent, Entry.Micros(batch.Received));
}

/// <summary>A row of a journal.</summary>
public sealed record JournalRow(int Branch, long Seq, DateTimeOffset Time, DateTimeOffset Received, Guid Batch, string Type, string Source, string Id, ReadOnlyMemory<byte> Data);

/// <summary>Where a branch's journal ends.</summary>
/// <param name="Branch">Number of the branch in the journal.</param>
/// <param name="Unit">The organisation unit.</param>
/// <param name="Head">Seq of the newest row; 0 for an empty journal.</param>
/// <param name="Received">Received of the newest row.</param>
public sealed record JournalHead(int Branch, Guid Unit, long Head, DateTimeOffset Received);
