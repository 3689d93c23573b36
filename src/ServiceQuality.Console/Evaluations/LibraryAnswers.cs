using System.Globalization;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Evaluations;

/// <summary>A check point of the library.</summary>
public sealed record LibraryPoint(string Code, LocalName Name);

/// <summary>A sub-dimension of the library.</summary>
public sealed record LibrarySub(string Code, LocalName Name, string Dimension, int Importance, IReadOnlyList<LibraryPoint> CheckPoints);

/// <summary>A version in the history; state: past, in-force or coming.</summary>
public sealed record LibraryEntry(int Version, DateOnly? EffectiveFrom, string State, string? Author, DateTimeOffset? Written, string? Reason);

/// <summary>A dimension by name.</summary>
public sealed record LibraryDimension(string Code, LocalName Name);

/// <summary>GET /api/sub-dimensions.</summary>
public sealed record SubDimensionLibrary(
    LibraryEntry Version, IReadOnlyList<LibrarySub> SubDimensions, IReadOnlyList<LibraryDimension> Dimensions, DateOnly Earliest, IReadOnlyList<string> Actions, IReadOnlyList<LibraryEntry> History);

/// <summary>One row of the form, as it was typed; check points one a line, <c>code | 中文 | English</c>.</summary>
public sealed record LibraryRow(string Code, string Zh, string En, string Dimension, string Importance, string Points, bool Dropped)
{
    /// <summary>A row for something new.</summary>
    public static readonly LibraryRow Empty = new("", "", "", "", "3", "", false);

    public static LibraryRow Of(LibrarySub sub) => new(
        sub.Code, sub.Name.Zh ?? "", sub.Name.En ?? "", sub.Dimension, sub.Importance.ToString(CultureInfo.InvariantCulture), string.Join('\n', sub.CheckPoints.Select(point => $"{point.Code} | {point.Name.Zh} | {point.Name.En}")), false);

    /// <summary>Nothing was typed into it.</summary>
    public bool IsBlank => (Code + Zh + En + Points).Trim().Length == 0;

    /// <summary>As the service takes it; what is missing is for the service to say.</summary>
    public object Body => new
    {
        code = Code.Trim(),
        name = new { zh = Zh.Trim(), en = En.Trim() },
        dimension = Dimension,
        importance = int.TryParse(Importance, NumberStyles.None, CultureInfo.InvariantCulture, out var importance) ? importance : 0,
        checkPoints = Points.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(['|', '｜'], StringSplitOptions.TrimEntries))
            .Select(cells => new { code = cells[0], name = new { zh = cells.ElementAtOrDefault(1) ?? "", en = string.Join(" | ", cells.Skip(2)) } }),
    };
}

/// <summary>What was typed into the form of the library.</summary>
public sealed record LibraryTyped(IReadOnlyList<LibraryRow> Rows, string EffectiveFrom, string Reason, string BasedOn)
{
    private const int MostRows = 100;

    public static LibraryTyped Of(SubDimensionLibrary library) => new(
        [.. library.SubDimensions.Select(LibraryRow.Of), LibraryRow.Empty], library.Earliest.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "", library.Version.Version.ToString(CultureInfo.InvariantCulture));

    public static LibraryTyped Of(IFormCollection form)
    {
        var rows = new List<LibraryRow>();
        for (var i = 0; i < MostRows && form.ContainsKey($"code-{i}"); i++)
            rows.Add(new(form[$"code-{i}"].ToString(), form[$"zh-{i}"].ToString(), form[$"en-{i}"].ToString(), form[$"dimension-{i}"].ToString(), form[$"importance-{i}"].ToString(), form[$"points-{i}"].ToString(), form.ContainsKey($"drop-{i}")));
        return new(rows, form["effectiveFrom"].ToString(), form["reason"].ToString(), form["basedOn"].ToString());
    }

    /// <summary>The rows that are sent: neither dropped nor blank.</summary>
    public IReadOnlyList<LibraryRow> Kept => [.. Rows.Where(row => !row.Dropped && !row.IsBlank)];
}

/// <summary>Everything the page of the library shows. Faults are rows of the form, from 1, where something is wrong.</summary>
public sealed record LibraryView(Reading<SubDimensionLibrary> Library, LibraryTyped? Typed, string? Refusal, IReadOnlyList<string> Faults, bool Done);
