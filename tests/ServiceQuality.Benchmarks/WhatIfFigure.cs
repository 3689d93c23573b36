using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Trials;

namespace ServiceQuality.Benchmarks;

/// <summary>A draft with other weights, standards and bands, tried on the readings of every unit (scoring.md §10), on one core.</summary>
internal static class WhatIfFigure
{
    private const int Units = 3_000;
    private const int PerUnit = 1_667;
    private const int Rounds = 7;

    public static IReadOnlyList<Figure> Measure()
    {
        var present = MemoryFigure.Enlarged();
        var edited = Edited(present);
        var readings = Read(MeasureCatalogue.Of(present));
        var trial = Median(() => Try(present, edited, readings));
        var full = Median(() => Evaluate(present, edited, readings));
        return
        [
            new($"what-if of {Units:N0} units × {present.Indicators.Count} indicators", "< 1 s on one core", string.Create(CultureInfo.InvariantCulture, $"{trial.TotalMilliseconds:N0} ms"),
                string.Create(CultureInfo.InvariantCulture, $"two full scores of each, with intervals and explanation: {full.TotalMilliseconds:N0} ms"), full / trial, trial < TimeSpan.FromSeconds(1)),
        ];
    }

    private static Readings[] Read(MeasureCatalogue catalogue)
    {
        var source = new BranchFacts(PerUnit);
        var window = Period.Default.Window(BranchFacts.Today, BranchFacts.Zone);
        return [.. Enumerable.Range(0, Units).Select(unit =>
        {
            var ledger = new Ledger(catalogue, BranchFacts.Zone);
            // No two units alike: each has its own part of the facts.
            for (var number = 0; number < PerUnit - (unit % 500); number++)
                ledger.Fold(source.Fact(unit, number));
            return ledger.Read(window);
        })];
    }

    private static void Try(Scheme present, Scheme edited, Readings[] readings)
    {
        var trial = new Trial(present, edited);
        foreach (var unit in readings)
            trial.Add(unit);
        if (trial.Result().Totals is not { Compared: Units, Tau: not null })
            throw new InvalidOperationException("Not every unit was compared.");
    }

    private static void Evaluate(Scheme present, Scheme edited, Readings[] readings)
    {
        foreach (var unit in readings)
        {
            if (Scorer.Evaluate(present, unit).Value is null || Scorer.Evaluate(edited, unit).Value is null)
                throw new InvalidOperationException("Not every unit was scored.");
        }
    }

    /// <summary>The median of several rounds, after two to warm up.</summary>
    private static TimeSpan Median(Action round)
    {
        round();
        round();
        var took = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            round();
            took.Add(Stopwatch.GetElapsedTime(started));
        }
        return took.Order().ElementAt(Rounds / 2);
    }

    private static Scheme Edited(Scheme scheme)
    {
        var json = JsonNode.Parse(scheme.Json.Span)!;
        json["bands"]![1]!["from"] = 82;
        foreach (var (index, family) in json["root"]!["children"]!.AsArray().Index())
        {
            family!["weight"] = 10 + 7 * index;
            var points = family["children"]![0]!["breakpoints"]!.AsArray();
            points[1]![0] = (points[0]![0]!.GetValue<double>() + points[1]![0]!.GetValue<double>()) / 2;
        }
        var (edited, errors) = Scheme.Parse(JsonSerializer.SerializeToUtf8Bytes(json));
        return edited ?? throw new InvalidOperationException(string.Join("; ", errors));
    }
}
