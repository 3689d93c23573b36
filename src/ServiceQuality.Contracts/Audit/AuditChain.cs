using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ServiceQuality.Contracts.Audit;

/// <summary>What a check of an exported trail found.</summary>
/// <param name="Records">Records that hold, counted from the first.</param>
/// <param name="Head">Hash of the last record that holds; <see cref="AuditChain.Origin"/> when there is none.</param>
/// <param name="Break">The first record that does not hold; null when all do.</param>
public sealed record AuditVerification(long Records, string Head, AuditBreak? Break)
{
    /// <summary>True when every record holds.</summary>
    public bool Holds => Break is null;
}

/// <summary>Where and how a trail is broken.</summary>
/// <param name="Line">Line of the export, from 1; one past the last line when records are missing at the end.</param>
/// <param name="Seq">Number that the record should carry.</param>
/// <param name="Reason">unreadable, changed, missing, relinked or truncated.</param>
/// <param name="Detail">The same in a sentence.</param>
public sealed record AuditBreak(long Line, long Seq, string Reason, string Detail);

/// <summary>
/// The hash chain over a service's audit trail: every record carries the hash of the one before, so that nobody can change, remove,
/// insert or reorder records without breaking every hash that follows. Pure; used by the services to write and by <c>sq verify</c> to check.
/// Cutting records off the end leaves a valid chain: only a head hash that was noted elsewhere shows that.
/// </summary>
public static class AuditChain
{
    /// <summary>What the first record of a trail refers to: 64 zeros.</summary>
    public static string Origin { get; } = new('0', 64);

    /// <summary>Seals a record that refers to its predecessor by <see cref="AuditRecord.Previous"/>.</summary>
    public static SealedAuditRecord Seal(AuditRecord record)
    {
        var body = JsonSerializer.SerializeToElement(record);
        var hash = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(body)));
        var members = body.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        members["hash"] = JsonSerializer.SerializeToElement(hash);
        return new SealedAuditRecord(Encoding.UTF8.GetString(CanonicalJson.Of(JsonSerializer.SerializeToElement(members))), hash);
    }

    /// <summary>Checks an export line by line and names the first record that does not hold.</summary>
    /// <param name="export">NDJSON, one record a line, from the first record on.</param>
    /// <param name="head">The hash that the last record must have, noted elsewhere before; null to accept any end.</param>
    /// <param name="ct">Stops the check.</param>
    public static async Task<AuditVerification> VerifyAsync(Stream export, string? head = null, CancellationToken ct = default)
    {
        using var reader = new StreamReader(export, Encoding.UTF8, leaveOpen: true);
        var (line, records, previous) = (0L, 0L, Origin);
        while (await reader.ReadLineAsync(ct) is { } text)
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
                continue;
            if (Check(text, line, records + 1, previous, out var hash) is { } broken)
                return new AuditVerification(records, previous, broken);
            records++;
            previous = hash;
        }
        return head is null || string.Equals(head, previous, StringComparison.OrdinalIgnoreCase)
            ? new AuditVerification(records, previous, null)
            : new AuditVerification(records, previous, new AuditBreak(line + 1, records + 1, "truncated", $"The trail ends with record {records}, whose hash is not the expected head {head}."));
    }

    private static AuditBreak? Check(string text, long line, long expected, string previous, out string hash)
    {
        hash = "";
        try
        {
            using var document = JsonDocument.Parse(text);
            var record = document.RootElement;
            hash = record.GetProperty("hash").GetString()!;
            var seq = record.GetProperty("seq").GetInt64();
            if (seq != expected)
                return new AuditBreak(line, expected, "missing", $"Record {expected} is missing; {seq} stands in its place.");
            if (hash != Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(record, without: "hash"))))
                return new AuditBreak(line, expected, "changed", $"Record {expected} does not have the content that its hash vouches for.");
            if (record.GetProperty("previous").GetString() != previous)
                return new AuditBreak(line, expected, "relinked", $"Record {expected} does not refer to the record before it.");
            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new AuditBreak(line, expected, "unreadable", $"Record {expected} cannot be read: {malformed.Message}");
        }
    }
}
