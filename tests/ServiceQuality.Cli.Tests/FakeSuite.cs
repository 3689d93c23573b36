using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServiceQuality.Cli.Tests;

/// <summary>A gateway on a loopback port that takes facts as the suite does and can be told to misbehave.</summary>
internal sealed class FakeSuite : IAsyncDisposable
{
    public const string Key = "sq_test_key";

    private readonly WebApplication app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> mishaps = new();

    private FakeSuite(WebApplication app) => this.app = app;

    public string Url => app.Urls.Single();

    /// <summary>Accepted facts by source and id.</summary>
    public ConcurrentDictionary<(string Source, string Id), JsonElement> Journal { get; } = new();

    public ConcurrentQueue<(string Code, string Id)> Refused { get; } = new();

    public ConcurrentQueue<DateTimeOffset> Requests { get; } = new();

    /// <summary>Units that the key may report for; null for all.</summary>
    public IReadOnlySet<string>? Units { get; set; }

    /// <summary>Ids that are refused once, with the promise that they will be taken later.</summary>
    public ConcurrentDictionary<string, bool> RefuseOnce { get; } = new();

    public Func<int, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public static async Task<FakeSuite> StartAsync(Action<WebApplication>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var gateway = builder.Build();
        var suite = new FakeSuite(gateway);
        gateway.MapPost("/api/telemetry", suite.TakeAsync);
        more?.Invoke(gateway);
        await gateway.StartAsync();
        return suite;
    }

    /// <summary>The next requests are answered like this instead.</summary>
    public void Misbehave(int times, int status, string? retryAfter = null, string code = "away")
    {
        for (var time = 0; time < times; time++)
        {
            mishaps.Enqueue(async context =>
            {
                context.Response.StatusCode = status;
                if (retryAfter is not null)
                    context.Response.Headers.RetryAfter = retryAfter;
                context.Response.ContentType = "application/problem+json";
                await context.Response.WriteAsync($$"""{"type":"urn:service-quality:{{code}}","detail":"told to"}""");
            });
        }
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        Requests.Enqueue(TimeProvider.System.GetUtcNow());
        if (mishaps.TryDequeue(out var mishap))
        {
            await mishap(context);
            return;
        }

        if (context.Request.Headers["X-Api-Key"] != Key)
        {
            context.Response.StatusCode = 401;
            return;
        }

        Assert.Equal("gzip", context.Request.Headers.ContentEncoding);
        Assert.StartsWith("application/cloudevents-batch+json", context.Request.ContentType, StringComparison.Ordinal);
        await using var body = new GZipStream(context.Request.Body, CompressionMode.Decompress);
        using var batch = await JsonDocument.ParseAsync(body, cancellationToken: context.RequestAborted);
        var (accepted, duplicate, index) = (0, 0, -1);
        var items = new List<object>();
        foreach (var fact in batch.RootElement.EnumerateArray())
        {
            index++;
            var identity = (fact.GetProperty("source").GetString()!, fact.GetProperty("id").GetString()!);
            if (Units?.Contains(fact.GetProperty("subject").GetString()!) == false)
                Refuse("unknown-unit", "/subject", false);
            else if (RefuseOnce.TryRemove(identity.Item2, out _))
                Refuse("busy", null, true);
            else if (Journal.TryAdd(identity, fact.Clone()))
                accepted++;
            else if (JsonElement.DeepEquals(Journal[identity], fact))
                duplicate++;
            else
                Refuse("conflict", null, false);

            void Refuse(string code, string? pointer, bool retryable)
            {
                Refused.Enqueue((code, identity.Item2));
                items.Add(new { index, code, pointer, retryable });
            }
        }

        await BeforeAnswer(Requests.Count);
        context.Response.StatusCode = 202;
        await context.Response.WriteAsJsonAsync(new { accepted, duplicate, rejected = items.Count, items });
    }
}
