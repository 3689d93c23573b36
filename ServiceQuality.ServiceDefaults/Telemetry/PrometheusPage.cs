using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ServiceQuality.Telemetry;

/// <summary>All metrics in the Prometheus text format 0.0.4, collected when the page is asked for.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusPage : BaseExporter<Metric>, IPullMetricExporter
{
    private const int CollectMilliseconds = 5000;

    private readonly Lock _turn = new();
    private readonly StringBuilder _page = new();

    public Func<int, bool>? Collect { get; set; }

    public string Read()
    {
        lock (_turn)
        {
            _page.Clear();
            Collect?.Invoke(CollectMilliseconds);
            return _page.ToString();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var families = new SortedDictionary<string, List<Metric>>(StringComparer.Ordinal);
        foreach (var metric in batch)
        {
            var name = NameOf(metric);
            if (!families.TryGetValue(name, out var family))
                families.Add(name, family = []);
            family.Add(metric);
        }

        foreach (var (name, family) in families)
        {
            var type = family[0].MetricType switch
            {
                MetricType.Histogram or MetricType.ExponentialHistogram => "histogram",
                MetricType.LongSum or MetricType.DoubleSum => "counter",
                _ => "gauge",
            };
            _page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(family[0].Description)}\n# TYPE {name} {type}\n");
            foreach (var metric in family)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                    Write(name, metric.MetricType, in point);
            }
        }

        return ExportResult.Success;
    }

    private void Write(string name, MetricType type, ref readonly MetricPoint point)
    {
        var labels = new List<string>();
        foreach (var tag in point.Tags)
            labels.Add($"{Identifier(tag.Key)}=\"{Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture)).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

        switch (type)
        {
            case MetricType.Histogram:
                var below = 0L;
                foreach (var bucket in point.GetHistogramBuckets())
                {
                    below += bucket.BucketCount;
                    Line(name + "_bucket", [.. labels, $"le=\"{(double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound))}\""], below.ToString(CultureInfo.InvariantCulture));
                }

                Line(name + "_sum", labels, Number(point.GetHistogramSum()));
                Line(name + "_count", labels, point.GetHistogramCount().ToString(CultureInfo.InvariantCulture));
                break;
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Line(name, labels, point.GetSumLong().ToString(CultureInfo.InvariantCulture));
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Line(name, labels, Number(point.GetSumDouble()));
                break;
            case MetricType.LongGauge:
                Line(name, labels, point.GetGaugeLastValueLong().ToString(CultureInfo.InvariantCulture));
                break;
            case MetricType.DoubleGauge:
                Line(name, labels, Number(point.GetGaugeLastValueDouble()));
                break;
        }
    }

    private void Line(string name, List<string> labels, string value)
    {
        _page.Append(name);
        if (labels.Count > 0)
            _page.Append('{').AppendJoin(',', labels).Append('}');
        _page.Append(' ').Append(value).Append('\n');
    }

    private static string NameOf(Metric metric)
    {
        var name = Identifier(metric.Name);
        var unit = metric.Unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            null or "" or "1" => "",
            ['{', ..] => "",
            var other => Identifier(other),
        };
        if (unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal))
            name += "_" + unit;
        if (metric.MetricType is MetricType.LongSum or MetricType.DoubleSum && !name.EndsWith("_total", StringComparison.Ordinal))
            name += "_total";
        return name;
    }

    private static string Identifier(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < target.Length; i++)
            target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
    });

    private static string Escape(string? text) => (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);
}

internal static class PrometheusEndpoint
{
    public static void MapPrometheus(this WebApplication app)
    {
        if (app.Services.GetService<PrometheusPage>() is { } page)
            app.MapGet("/metrics", () => TypedResults.Text(page.Read(), "text/plain; version=0.0.4; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
    }
}
