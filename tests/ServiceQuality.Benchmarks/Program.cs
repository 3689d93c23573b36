using System.CommandLine;
using ServiceQuality.Benchmarks;

var only = new Option<string?>("--only") { Description = "Measure one group of figures; docs/benchmarks.md is then left as it is.", HelpName = "NAME" };
only.AcceptOnlyFromAmong([.. FigureGroup.All.Select(group => group.Name)]);
var file = new Option<FileInfo>("--file") { Description = "Where to write the figures.", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo("docs/benchmarks.md") };

var command = new RootCommand("Measures the figures that the design asks for, each beside its yardstick, on this machine.") { only, file };
command.SetAction(async (parsed, ct) =>
{
    var clock = TimeProvider.System;
    var started = clock.GetTimestamp();
    var figures = new List<Figure>();
    foreach (var group in FigureGroup.All.Where(group => parsed.GetValue(only) is null || group.Name == parsed.GetValue(only)))
        figures.AddRange(await group.RunAsync(figures, ct));

    if (parsed.GetValue(only) is null)
        await Report.WriteAsync(parsed.GetValue(file)!.FullName, figures, clock.GetUtcNow(), ct);
    System.Console.WriteLine($"{figures.Count(figure => figure.Met)} of {figures.Count} figures reached, in {clock.GetElapsedTime(started).TotalMinutes:N1} minutes");
});
return await command.Parse(args).InvokeAsync();
