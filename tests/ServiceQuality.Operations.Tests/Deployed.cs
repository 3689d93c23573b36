using System.Globalization;
using System.Security.Cryptography;
using ServiceQuality.LocalServers;
using ServiceQuality.Operations;

[assembly: AssemblyFixture(typeof(Deployed))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ServiceQuality.Operations;

/// <summary>An installation as production has it, two processes of everything; started when the first test asks for it.</summary>
public sealed class Deployed : IAsyncLifetime
{
    /// <summary>Processes that are restarted before the gateways, in the order of a release.</summary>
    internal static readonly string[] Services = ["organisation", "monitoring", "scores", "console"];

    private readonly string _secondAddress = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LocalPorts.Free(1)[0]}");
    private readonly Dictionary<string, string> _secondEnvironment = [];
    private Installation? _installation;
    private Lifeline? _second;

    internal Installation Installation => _installation ?? throw new InvalidOperationException("Ask for StartedAsync first.");

    /// <summary>Addresses of both gateways.</summary>
    internal IReadOnlyList<string> Gateways => [Installation.Suite.Address, _secondAddress];

    /// <summary>The installation, with both gateways ready.</summary>
    internal async Task<Installation> StartedAsync()
    {
        if (_installation is null)
        {
            _installation = await Installation.StartAsync(replicas: 2);
            _second = _installation.Suite.AddGateway(_secondAddress, _secondEnvironment);
            await _installation.Suite.ReadyAsync("gateway-2", _secondAddress);
        }
        return _installation;
    }

    /// <summary>Replaces both processes of a service, one after the other.</summary>
    internal async Task RollAsync(string service)
    {
        foreach (var name in Installation.Suite.Names.Where(name => name == service || name == $"{service}-2"))
            await Installation.Suite.RestartAsync(name, TestContext.Current.CancellationToken);
    }

    /// <summary>Replaces both gateways, one after the other, with a change of their environment.</summary>
    internal async Task RollGatewaysAsync(params (string Name, string Value)[] changes)
    {
        foreach (var (name, value) in changes)
        {
            Installation.Set("gateway", name, value);
            _secondEnvironment[name] = value;
        }
        await Installation.Suite.RestartAsync("gateway", TestContext.Current.CancellationToken);
        await _second!.DisposeAsync();
        _second = Installation.Suite.AddGateway(_secondAddress, _secondEnvironment);
        await Installation.Suite.ReadyAsync("gateway-2", _secondAddress);
    }

    /// <summary>Changes the environment of both processes of services.</summary>
    internal void Set(string name, string value, params string[] services)
    {
        foreach (var process in Installation.Suite.Names.Where(process => services.Contains(process.Split('-')[0])))
            Installation.Set(process, name, value);
    }

    /// <summary>A pair of ticket keys as the documentation has them made: PEM, P-256.</summary>
    internal static (string Private, string Public) TicketKeys()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_second is not null)
            await _second.DisposeAsync();
        if (_installation is not null)
            await _installation.DisposeAsync();
    }
}
