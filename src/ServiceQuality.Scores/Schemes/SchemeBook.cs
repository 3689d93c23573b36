using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Messaging;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Schemes;

/// <summary>Which scheme scores the units. Section <c>Scores</c>.</summary>
internal sealed class SchemeChoice
{
    public const string Section = "Scores";

    /// <summary>Id of the scheme; its versions follow each other by their effective dates (SCO-02).</summary>
    [Required, RegularExpression("^[a-z0-9-]{1,40}$")]
    public string Scheme { get; set; } = "telecom";

    /// <summary>Whether a newer version of the delivered scheme is put beside the present one as a draft, for two people to decide on.</summary>
    public bool OfferDeliveredDraft { get; set; } = true;
}

/// <summary>How a draft ended without an approval.</summary>
/// <param name="How">withdrawn (by its author) or rejected (by somebody else).</param>
/// <param name="By">Who ended it.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why; null when a draft was withdrawn without a word.</param>
internal sealed record DraftEnd(string How, string By, DateTimeOffset At, string? Reason);

/// <summary>A stored scheme version and the two people behind it.</summary>
internal sealed record SchemeVersion(
    Scheme Scheme, Guid Author, string AuthorName, DateTimeOffset Written, string? ApproverName, DateTimeOffset? Approved, int Revision, DraftEnd? End)
{
    public bool IsApproved => Approved is not null;

    /// <summary>Neither approved nor ended: its author may still replace it.</summary>
    public bool IsDraft => !IsApproved && End is null;
}

/// <summary>Every scheme version. Only an approval makes a version count, and from then on it never changes (SCO-02).</summary>
internal sealed class SchemeBook([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, IOptions<SchemeChoice> choice, TimeProvider clock)
{
    private const string Columns = "content, author, author_name, written, approver_name, approved, revision, ended_as, ended_by_name, ended, ended_reason";
    private volatile StrongBox _versions = new([]);
    private volatile MeasureCatalogue _active = MeasureCatalogue.Of(DefaultSchemes.Telecom);

    public IReadOnlyList<SchemeVersion> Versions => _versions.Value;

    /// <summary>What the ledgers measure at present; versions that it does not cover do not count yet.</summary>
    public MeasureCatalogue Active => _active;

    /// <summary>What the ledgers must measure to serve every approved version.</summary>
    public MeasureCatalogue Wanted => MeasureCatalogue.Of(Versions.Where(version => version.IsApproved).Select(version => version.Scheme));

    /// <summary>A catalogue that ledgers had, have or will have: that of the approved versions up to one of them; null when no such version is known here yet.</summary>
    public MeasureCatalogue? Catalogue(string hash) => _active.Hash == hash ? _active : _versions.Catalogues.FirstOrDefault(one => one.Hash == hash);

    public SchemeVersion? Find(string id, int? version) =>
        Versions.Where(one => one.Scheme.Id == id && (version is null ? one.IsApproved : one.Scheme.Version == version)).MaxBy(one => one.Scheme.Version);

    /// <summary>The version in force on a day; before the first one, the first.</summary>
    public Scheme InForce(DateOnly day)
    {
        Scheme? found = null;
        Scheme? first = null;
        foreach (var version in Versions)
        {
            var scheme = version.Scheme;
            if (!version.IsApproved || scheme.Id != choice.Value.Scheme || !_active.Covers(scheme))
                continue;
            if (first is null || Order(scheme, first) < 0)
                first = scheme;
            if (scheme.EffectiveFrom <= day && (found is null || Order(scheme, found) > 0))
                found = scheme;
        }
        return found ?? first ?? DefaultSchemes.Telecom;
    }

    /// <summary>The version that scores a window: the one in force at the period's end (scoring.md §4).</summary>
    public Scheme InForce(PeriodWindow window, TimeZoneInfo zone) =>
        InForce(window.Period.End is { } end && window.To < window.AsOf ? end : DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(window.To, zone).DateTime));

    /// <summary>The ledgers measure this from now on.</summary>
    public void Activate(MeasureCatalogue catalogue) => _active = catalogue;

    /// <summary>Puts the delivered scheme in when there is none, and reads what others may have written; answers whether anything is new.</summary>
    public async Task<bool> RefreshAsync(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using (var revisions = new NpgsqlCommand("SELECT coalesce(sum(revision), 0)::bigint FROM scheme", connection))
        {
            // Versions are never removed and revisions only rise: the sum says whether there is anything to read.
            if (await revisions.ExecuteScalarAsync(ct) is long sum && sum > 0 && sum == Versions.Sum(version => (long)version.Revision))
                return false;
        }
        var versions = await ReadAsync(connection, ct);
        if (versions.Count == 0)
        {
            await SeedAsync(connection, DefaultSchemes.Telecom, ct);
            versions = await ReadAsync(connection, ct);
        }
        if (choice.Value.OfferDeliveredDraft && await OfferDraftAsync(connection, versions, ct))
            versions = await ReadAsync(connection, ct);

        _versions = new([.. versions]);
        return true;
    }

    private static int Order(Scheme one, Scheme other) => (one.EffectiveFrom, one.Version).CompareTo((other.EffectiveFrom, other.Version));

    /// <summary>Whoever sends it is the author, whatever the document says.</summary>
    internal static byte[]? Signed(ReadOnlyMemory<byte> json, string author)
    {
        try
        {
            if (JsonNode.Parse(json.Span) is not JsonObject document)
                return null;
            document["author"] = author;
            document["approver"] = null;
            return JsonSerializer.SerializeToUtf8Bytes(document, ScoreJson.Readable);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task SeedAsync(NpgsqlConnection connection, Scheme scheme, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO scheme (id, version, content, effective_from, author, author_name, written, approver, approver_name, approved)
            VALUES ($1, $2, $3, $4, '00000000-0000-0000-0000-000000000001', $5, now(), '00000000-0000-0000-0000-000000000002', $6, now()) ON CONFLICT DO NOTHING
            """, connection)
        {
            Parameters =
            {
                new() { Value = scheme.Id }, new() { Value = scheme.Version }, new() { Value = Encoding.UTF8.GetString(scheme.Json.Span) }, new() { Value = scheme.EffectiveFrom },
                new() { Value = scheme.Author }, new() { Value = scheme.Approver ?? "ServiceQuality" },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Version 2 of the delivered scheme as a draft, from the next quarter on, where version 1 is the newest. It changes no score until somebody approves it.</summary>
    private async Task<bool> OfferDraftAsync(NpgsqlConnection connection, List<SchemeVersion> versions, CancellationToken ct)
    {
        var delivered = DefaultSchemes.Telecom.Id;
        if (versions.Where(version => version.Scheme.Id == delivered).Max(version => (int?)version.Scheme.Version) != 1)
            return false;

        // Tomorrow, so that no time zone is in the new quarter already.
        var now = clock.GetUtcNow();
        var draft = DefaultSchemes.TelecomDraft(Period.Whole(PeriodKind.Quarter, DateOnly.FromDateTime(now.UtcDateTime).AddDays(1)).End!.Value.AddDays(1));
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO scheme (id, version, content, effective_from, author, author_name, written)
            VALUES ($1, $2, $3, $4, '00000000-0000-0000-0000-000000000001', $5, $6) ON CONFLICT DO NOTHING
            """, connection, transaction)
        {
            Parameters =
            {
                new() { Value = draft.Id }, new() { Value = draft.Version }, new() { Value = Encoding.UTF8.GetString(draft.Json.Span) }, new() { Value = draft.EffectiveFrom },
                new() { Value = draft.Author }, new() { Value = now.UtcDateTime },
            },
        };
        if (await command.ExecuteNonQueryAsync(ct) == 0)
            return false;

        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, draft.Author, "scheme.drafted", draft.Reference, After: new { draft.Reference, draft.EffectiveFrom, draft.Hash }), ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static async Task<List<SchemeVersion>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM scheme ORDER BY id, version", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var versions = new List<SchemeVersion>();
        while (await reader.ReadAsync(ct))
        {
            var approver = reader.IsDBNull(4) ? null : reader.GetString(4);
            var (scheme, errors) = Scheme.Parse(Encoding.UTF8.GetBytes(reader.GetString(0)));
            if (scheme is null)
                throw new InvalidDataException($"A stored scheme cannot be read: {string.Join("; ", errors)}");
            versions.Add(new SchemeVersion(
                approver is not null && scheme.Approver is null ? scheme.Approved(approver) : scheme, reader.GetGuid(1), reader.GetString(2),
                new DateTimeOffset(reader.GetDateTime(3)), approver, reader.IsDBNull(5) ? null : new DateTimeOffset(reader.GetDateTime(5)), reader.GetInt32(6),
                reader.IsDBNull(7) ? null : new DraftEnd(reader.GetString(7), reader.GetString(8), new DateTimeOffset(reader.GetDateTime(9)), reader.IsDBNull(10) ? null : reader.GetString(10))));
        }
        return versions;
    }

    private sealed record StrongBox(ImmutableArray<SchemeVersion> Value)
    {
        public IReadOnlyList<MeasureCatalogue> Catalogues { get; } = [.. ApprovedUpTo(Value).Select(versions => MeasureCatalogue.Of(versions))];

        private static IEnumerable<IEnumerable<Scheme>> ApprovedUpTo(ImmutableArray<SchemeVersion> versions)
        {
            List<SchemeVersion> approved = [.. versions.Where(version => version.IsApproved).OrderBy(version => version.Approved)];
            return approved.Select(last => approved.Where(version => version.Approved <= last.Approved).Select(version => version.Scheme));
        }
    }
}
