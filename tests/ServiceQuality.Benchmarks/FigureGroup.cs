using System.Globalization;

namespace ServiceQuality.Benchmarks;

/// <summary>Figures that are measured together.</summary>
/// <param name="Name">For <c>--only</c>.</param>
/// <param name="MeasureAsync">Measures in a folder of its own, which is removed afterwards; gets the figures measured before.</param>
internal sealed record FigureGroup(string Name, Func<string, IReadOnlyList<Figure>, CancellationToken, Task<IReadOnlyList<Figure>>> MeasureAsync)
{
    /// <summary>In the order of the report. What measures in this process alone comes first, while it holds little.</summary>
    public static IReadOnlyList<FigureGroup> All { get; } =
    [
        new("append", (folder, _, ct) => AppendFigure.MeasureAsync(folder, ct)),
        new("path", async (folder, before, ct) => await PathFigures.MeasureAsync(await AppendFigure.RateAsync(before, folder, ct), folder, ct)),
        new("freshness", (folder, _, ct) => FreshnessFigure.MeasureAsync(folder, ct)),
        new("fold", (_, _, _) => Task.FromResult(FoldFigure.Measure())),
        new("what-if", (_, _, _) => Task.FromResult(WhatIfFigure.Measure())),
        new("ranking-3000", (_, _, _) => Task.FromResult(RankingFigure.Measure())),
        new("signals-3000", (_, _, _) => Task.FromResult(SignalsFigure.Measure())),
        new("run-length", (_, _, ct) => Task.FromResult(RunLengthFigures.Measure(ct))),
        new("overview", (folder, _, ct) => OverviewFigure.MeasureAsync(folder, ct)),
        new("replay", (folder, _, ct) => ReplayFigure.MeasureAsync(folder, ct)),
        new("memory", (_, _, _) => Task.FromResult(MemoryFigure.Measure())),
        new("closing", (folder, _, ct) => ClosingFigure.MeasureAsync(folder, ct)),
        new("restart", (folder, _, ct) => RestartFigure.MeasureAsync(folder, ct)),
        new("sizing", (folder, _, ct) => SizingTable.MeasureAsync(folder, ct)),
    ];

    public async Task<IReadOnlyList<Figure>> RunAsync(IReadOnlyList<Figure> before, CancellationToken ct)
    {
        System.Console.WriteLine($"{Name} …");
        var folder = Directory.CreateTempSubdirectory("sq-bench-").FullName;
        // The database server runs under an account of its own, which must be able to pass through.
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        try
        {
            var figures = await MeasureAsync(folder, before, ct);
            foreach (var figure in figures)
            {
                var ratio = figure.Ratio is { } value ? string.Create(CultureInfo.InvariantCulture, $"; ratio {value:0.00}") : "";
                System.Console.WriteLine($"  {(figure.Met ? "reached" : "SHORT  ")} {figure.Name}: {figure.Measured} (goal {figure.Goal}; {figure.Yardstick}{ratio})");
            }
            return figures;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
