using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Monitoring.Units;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>A fact that passed every check that needs no look-up.</summary>
internal readonly record struct Candidate(AcceptedFact Fact, string Feed, Guid Key, long Payload);

/// <summary>
/// Reads the events of one POST (CloudEvents 1.0, JSON form) and judges each by itself. Pure but for the units in memory; one instance per POST,
/// because neighbours mostly share source and subject and the answers are remembered.
/// </summary>
internal sealed class EventReader(UnitDirectory units, IReadOnlyList<string> scope, DateTimeOffset now, IntakeSettings settings, bool suspicious)
{
    /// <summary>Longest id, source or subject, characters.</summary>
    public const int TextLimit = 256;

    private string? _source;
    private string? _subject;
    private KnownUnit? _unit;
    private Refusal? _unitRefusal;

    /// <summary>The unit of the last event read, null when it could not be made out.</summary>
    public KnownUnit? Unit { get; private set; }

    /// <summary>Null and a candidate, or the reason why the event is refused.</summary>
    public Refusal? Read(JsonElement item, out Candidate candidate)
    {
        candidate = default;
        Unit = null;
        if (item.ValueKind != JsonValueKind.Object)
            return Refusal.NotAnObject;
        if (suspicious && !HasCleanText(item))
            return Refusal.BadText;

        JsonElement version = default, id = default, source = default, type = default, subject = default, time = default, data = default, mediaType = default, base64 = default;
        foreach (var member in item.EnumerateObject())
        {
            if (member.NameEquals("id"u8)) id = member.Value;
            else if (member.NameEquals("source"u8)) source = member.Value;
            else if (member.NameEquals("type"u8)) type = member.Value;
            else if (member.NameEquals("subject"u8)) subject = member.Value;
            else if (member.NameEquals("time"u8)) time = member.Value;
            else if (member.NameEquals("data"u8)) data = member.Value;
            else if (member.NameEquals("specversion"u8)) version = member.Value;
            else if (member.NameEquals("datacontenttype"u8)) mediaType = member.Value;
            else if (member.NameEquals("data_base64"u8)) base64 = member.Value;
        }

        if (IsAbsent(version))
            return Refusal.Missing("specversion");
        if (version.ValueKind != JsonValueKind.String || !version.ValueEquals("1.0"u8))
            return Refusal.SpecVersion;
        if (Text(subject, "subject", ref _subject, out var changed) is { } badSubject)
            return badSubject;
        if (changed)
            FindUnit(_subject!);
        Unit = _unit;
        if (Text(id, "id", out var idText) is { } badId)
            return badId;
        if (Text(source, "source", ref _source, out _) is { } badSource)
            return badSource;
        if (IsAbsent(type))
            return Refusal.Missing("type");
        if (type.ValueKind != JsonValueKind.String || FactRules.Of(type) is not { } rules)
            return FactRules.IsDomain(type) ? Refusal.DomainType : Refusal.UnknownType;
        if (_unitRefusal is not null)
            return _unitRefusal;
        if (rules.IsAdjustment && !MayAdjust(_unit!))
            return Refusal.AdjustmentNotAllowed;
        if (Time(time, out var at) is { } badTime)
            return badTime;
        if (!IsAbsent(base64))
            return Refusal.Malformed("/data_base64");
        if (!IsAbsent(mediaType) && !IsJson(mediaType))
            return Refusal.Malformed("/datacontenttype");
        if (IsAbsent(data))
            return Refusal.Missing("data");
        if (rules.Check(data, out var feed) is { } badData)
            return badData;

        var fact = new AcceptedFact(_unit!.Id, _source!, idText, rules.Type, at, data);
        candidate = new Candidate(fact, feed, KeyOf(_source!, idText), PayloadOf(fact));
        return null;
    }

    private void FindUnit(string subject)
    {
        _unit = units.Find(subject);
        _unitRefusal = _unit switch
        {
            null => Refusal.UnknownUnit,
            _ when !scope.Any(path => _unit.Path.StartsWith(path, StringComparison.Ordinal)) => Refusal.ForeignUnit,
            { State: "closed" } => Refusal.ClosedUnit,
            { State: "planned" } => Refusal.PlannedUnit,
            _ => null,
        };
    }

    /// <summary>Nobody judges the own work: points are given and taken by a region or by head office, for what lies below.</summary>
    private bool MayAdjust(KnownUnit unit) =>
        unit.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1).Any(code =>
            units.Find(code) is { Kind: "region" or "head-office" } above && scope.Any(path => above.Path.StartsWith(path, StringComparison.Ordinal)));

    private Refusal? Time(JsonElement time, out DateTimeOffset at)
    {
        at = default;
        if (IsAbsent(time))
            return Refusal.Missing("time");
        if (time.ValueKind != JsonValueKind.String || !HasOffset(time) || !time.TryGetDateTimeOffset(out at))
            return Refusal.Malformed("/time");
        // The journal keeps microseconds in UTC.
        at = new DateTimeOffset(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        if (at > now + settings.Ahead)
            return Refusal.InFuture;
        return at < now - settings.Horizon ? Refusal.TooOld : null;
    }

    /// <summary>RFC 3339: a date, a time and an offset; without the offset the instant would depend on where this runs.</summary>
    private static bool HasOffset(JsonElement time)
    {
        var text = JsonMarshal.GetRawUtf8Value(time)[1..^1];
        // Some writers escape the plus sign of the offset.
        if (text.Contains((byte)'\\'))
            text = Encoding.UTF8.GetBytes(time.GetString()!);
        return text.Length >= 20 && text[10] == 'T' && (text[^1] == 'Z' || (text[^6] is (byte)'+' or (byte)'-' && text[^3] == ':'));
    }

    private static Refusal? Text(JsonElement value, string attribute, ref string? last, out bool changed)
    {
        changed = false;
        if (last is not null && value.ValueKind == JsonValueKind.String && value.ValueEquals(last))
            return null;
        if (Text(value, attribute, out var text) is { } refusal)
            return refusal;
        (last, changed) = (text, true);
        return null;
    }

    private static Refusal? Text(JsonElement value, string attribute, out string text)
    {
        text = "";
        if (IsAbsent(value))
            return Refusal.Missing(attribute);
        if (value.ValueKind != JsonValueKind.String)
            return Refusal.Malformed("/" + attribute);
        text = value.GetString()!;
        return text.Length switch
        {
            0 => Refusal.Missing(attribute),
            > TextLimit => Refusal.TooLong("/" + attribute),
            _ => null,
        };
    }

    private static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    private static bool IsJson(JsonElement mediaType) =>
        mediaType.ValueKind == JsonValueKind.String && mediaType.GetString()!.Split(';')[0].Trim() is var name
        && (name.Equals("application/json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    /// <summary>Escapes can spell what is no text: NUL, which PostgreSQL cannot keep, and halves of surrogate pairs.</summary>
    private static bool HasCleanText(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => !value.GetString()!.Contains('\0', StringComparison.Ordinal),
                JsonValueKind.Array => value.EnumerateArray().All(HasCleanText),
                JsonValueKind.Object => value.EnumerateObject().All(member => !member.Name.Contains('\0', StringComparison.Ordinal) && HasCleanText(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static Guid KeyOf(string source, string id)
    {
        Span<byte> text = stackalloc byte[(2 * TextLimit * 3) + 1];
        var length = Encoding.UTF8.GetBytes(source, text);
        text[length++] = 0;
        length += Encoding.UTF8.GetBytes(id, text[length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    private static long PayloadOf(AcceptedFact fact)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(JsonMarshal.GetRawUtf8Value(fact.Data), hash);
        Span<byte> rest = stackalloc byte[SHA256.HashSizeInBytes + 16 + 8 + 128];
        hash.CopyTo(rest);
        fact.Unit.TryWriteBytes(rest[SHA256.HashSizeInBytes..]);
        BinaryPrimitives.WriteInt64LittleEndian(rest[(SHA256.HashSizeInBytes + 16)..], fact.Time.UtcTicks);
        var length = SHA256.HashSizeInBytes + 24 + Encoding.UTF8.GetBytes(fact.Type, rest[(SHA256.HashSizeInBytes + 24)..]);
        SHA256.HashData(rest[..length], hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
