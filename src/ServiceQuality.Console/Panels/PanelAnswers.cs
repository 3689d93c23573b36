using System.Text.Json.Serialization;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Panels;

/// <summary>What an expert said.</summary>
public sealed record ExpertSaid(string Name, DateTimeOffset Given, IReadOnlyList<double> Ratings, IReadOnlyList<string> Comments, bool Own);

/// <summary>An element with what the panel said of it.</summary>
public sealed record PanelElement(string Name, double Mean, double Median, double Deviation, double Lowest, double Highest, double? MeanWeight, double? MedianWeight);

/// <summary>How far a panel agrees.</summary>
public sealed record PanelAgreement(double? W, double? ChiSquare, double? P, string? Reason);

/// <summary>A rating far from the median.</summary>
public sealed record PanelOutlier(string Expert, string Element, double Rating, double Median, bool Explained);

/// <summary>What a panel says.</summary>
public sealed record PanelResult(IReadOnlyList<PanelElement> Elements, PanelAgreement Agreement, IReadOnlyList<PanelOutlier> Outliers);

/// <summary>GET /api/panels/{id}.</summary>
public sealed record ExpertPanel(
    Guid Id, string Kind, string Question, IReadOnlyList<string> Elements, double Low, double High, double OutlierShare, int Fewest, string State, string Author, DateTimeOffset Opened, string? Signer, [property: JsonPropertyName("signed")] DateTimeOffset? SignedAt,
    string? Hash, int Given, IReadOnlyList<ExpertSaid>? Experts, PanelResult? Result, IReadOnlyList<string> Actions);

/// <summary>GET /api/panels.</summary>
public sealed record PanelList(IReadOnlyList<ExpertPanel> Items);

/// <summary>Three judgements that contradict each other.</summary>
public sealed record JudgedTriad(int From, int Via, int To, double Judged, double Consistent, double Inconsistency);

/// <summary>Weights of judgements, or why they are refused.</summary>
public sealed record Judged(IReadOnlyList<double>? Weights, double LambdaMax, double ConsistencyIndex, double ConsistencyRatio, bool Accepted, IReadOnlyList<JudgedTriad> WorstTriads);

/// <summary>POST /api/weights/ahp.</summary>
public sealed record JudgedWeights(double Threshold, Judged Group);

/// <summary>A matrix as it was typed: the elements, and the judgements above the diagonal by <c>row-column</c>.</summary>
public sealed record MatrixTyped(IReadOnlyList<string> Elements, IReadOnlyDictionary<(int Row, int Column), string> Judgements)
{
    /// <summary>Fewest and most elements of a form.</summary>
    public const int Fewest = 2, Most = 10;

    /// <summary>What can be chosen: Saaty's scale.</summary>
    public static IReadOnlyList<string> Scale { get; } = ["9", "8", "7", "6", "5", "4", "3", "2", "1", "1/2", "1/3", "1/4", "1/5", "1/6", "1/7", "1/8", "1/9"];

    /// <summary>Reads the form: elements separated by commas or lines, judgements <c>c-0-1</c>.</summary>
    public static MatrixTyped Of(IQueryCollection query)
    {
        var elements = query["elements"].ToString().Split([',', '，', '、', ';', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Take(Most).Select(name => name.Length > 40 ? name[..40] : name).ToList();
        var judgements = new Dictionary<(int, int), string>();
        for (var i = 0; i < elements.Count; i++)
        {
            for (var j = i + 1; j < elements.Count; j++)
            {
                if (query[$"c-{i}-{j}"].ToString() is var chosen && Scale.Contains(chosen))
                    judgements[(i, j)] = chosen;
            }
        }
        return new(elements, judgements);
    }

    /// <summary>Reads judgements <c>c-0-1</c> of known elements.</summary>
    public static MatrixTyped Of(IReadOnlyList<string> elements, IFormCollection form) => new(elements,
        Enumerable.Range(0, elements.Count).SelectMany(i => Enumerable.Range(i + 1, elements.Count - i - 1).Select(j => (i, j))).Where(cell => Scale.Contains(form[$"c-{cell.i}-{cell.j}"].ToString()))
            .ToDictionary(cell => cell, cell => form[$"c-{cell.i}-{cell.j}"].ToString()));

    /// <summary>The judgements as numbers; null until all are made.</summary>
    public double[][]? Cells()
    {
        var n = Elements.Count;
        if (n < Fewest || Judgements.Count < n * (n - 1) / 2)
            return null;
        return [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Select(j => i == j ? 1 : i < j ? Number(Judgements[(i, j)]) : 1 / Number(Judgements[(j, i)])).ToArray())];
    }

    private static double Number(string chosen) => chosen.StartsWith("1/", StringComparison.Ordinal)
        ? 1 / double.Parse(chosen[2..], System.Globalization.CultureInfo.InvariantCulture)
        : double.Parse(chosen, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A panel to be opened, as it was typed.</summary>
public sealed record QuestionTyped(string Kind, string Question, string Elements, string Low, string High)
{
    public static readonly QuestionTyped Nothing = new("weights", "", "", "0", "10");
}

/// <summary>Why a change was not made: the code of the problem and what it says.</summary>
public sealed record Refused(string Code, string Detail, int Status);

/// <summary>What the page of panels shows.</summary>
public sealed record PanelsView(Reading<PanelList> Panels, bool Opens, QuestionTyped Typed, MatrixTyped Matrix, JudgedWeights? Weights, bool Judges, Refused? Refused);
