using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>Tells how many failed messages wait, as the metric <c>servicequality.messages.failed</c> with the label <c>queue</c>.</summary>
public static class FailedMessagesFigure
{
    /// <summary>Starts telling. One service of the suite does: the one that maps <see cref="FailedMessagesApi"/>.</summary>
    public static IHostApplicationBuilder AddFailedMessagesFigure(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<Observer>();
        return builder;
    }

    internal sealed class Observer : BackgroundService
    {
        private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

        private readonly IEnumerable<IFailedMessages> _places;
        private readonly TimeProvider _clock;
        private readonly ILogger<Observer> _logger;
        private volatile IReadOnlyList<FailedBacklog> _backlogs = [];

        public Observer(IEnumerable<IFailedMessages> places, IMeterFactory meters, TimeProvider clock, ILogger<Observer> logger)
        {
            (_places, _clock, _logger) = (places, clock, logger);
            meters.Create("ServiceQuality.Messaging.Failures").CreateObservableGauge(
                "servicequality.messages.failed", Observe, "{message}", "Messages that could not be handled or published and wait for a person.");
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(Interval, _clock);
            try
            {
                do
                    _backlogs = await ListAsync(stoppingToken);
                while (await timer.WaitForNextTickAsync(stoppingToken));
            }
            catch (OperationCanceledException)
            {
                // The service stops.
            }
        }

        private IEnumerable<Measurement<long>> Observe() =>
            _backlogs.Select(backlog => new Measurement<long>(backlog.Messages, new KeyValuePair<string, object?>("queue", backlog.Queue)));

        private async Task<IReadOnlyList<FailedBacklog>> ListAsync(CancellationToken ct)
        {
            var backlogs = new List<FailedBacklog>();
            foreach (var place in _places)
            {
                try
                {
                    backlogs.AddRange(await place.ListAsync(ct));
                }
                catch (Exception failure) when (failure is TemporarilyUnavailableException or NpgsqlException or TimeoutException)
                {
                    _logger.LogDebug(failure, "Failed messages cannot be counted");
                }
            }

            // Always something to tell, so that an alert can tell "none" from "not known".
            if (backlogs.Count == 0)
                backlogs.Add(new FailedBacklog("none", 0));
            return backlogs;
        }
    }
}
