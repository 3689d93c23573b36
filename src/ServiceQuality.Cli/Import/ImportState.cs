using System.Text.Json;

namespace ServiceQuality.Cli.Import;

/// <summary>
/// How far an import has come: kept beside the data file, replaced as a whole after every acknowledged batch, so that a killed import
/// can go on. Rows after <see cref="Rows"/> may have been taken as well; sent again they are duplicates, since ids come from the data.
/// </summary>
internal sealed record ImportState
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>SHA-256 of the data file; a file that changed cannot be resumed.</summary>
    public required string Data { get; init; }

    /// <summary>SHA-256 of the map.</summary>
    public required string Map { get; init; }

    /// <summary>Whole days by which times were moved.</summary>
    public int ShiftDays { get; init; }

    /// <summary>Rows, from the first, that all have been answered.</summary>
    public long Rows { get; init; }

    public ImportCounts Counts { get; init; } = new();

    /// <summary>True when the last row has been answered.</summary>
    public bool Finished { get; init; }

    public static ImportState? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ImportState>(File.ReadAllBytes(path), Form);
        }
        catch (JsonException)
        {
            throw new UsageException($"{path} is not a state of an import; remove it to start from the beginning");
        }
    }

    /// <summary>Replaces the file in one step: a kill leaves the old state or the new one, never half of one.</summary>
    public void Save(string path)
    {
        var next = path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, this, Form);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}

/// <summary>What became of the facts so far.</summary>
internal sealed record ImportCounts
{
    public long Accepted { get; init; }

    public long Duplicate { get; init; }

    /// <summary>Refused by the suite, or rows that the map could not read.</summary>
    public long Refused { get; init; }

    /// <summary>Refusals by code.</summary>
    public IReadOnlyDictionary<string, Refusals> ByCode { get; init; } = new Dictionary<string, Refusals>();

    public ImportCounts With(ImportCounts more) => new()
    {
        Accepted = Accepted + more.Accepted,
        Duplicate = Duplicate + more.Duplicate,
        Refused = Refused + more.Refused,
        ByCode = ByCode.Concat(more.ByCode).GroupBy(pair => pair.Key).ToDictionary(
            group => group.Key,
            group => new Refusals(group.Sum(pair => pair.Value.Count), [.. group.SelectMany(pair => pair.Value.First).OrderBy(one => one.Line).Take(Refusals.Shown)])),
    };
}

/// <summary>Refusals of one code and the first of them.</summary>
internal sealed record Refusals(long Count, IReadOnlyList<RefusedRow> First)
{
    public const int Shown = 5;
}

/// <summary>A row that was not taken.</summary>
/// <param name="Line">Line of the data file.</param>
/// <param name="Id">Id of the fact, when there is one.</param>
/// <param name="Reason">Field or sentence.</param>
internal sealed record RefusedRow(long Line, string? Id, string? Reason);
