using ServiceQuality;
using ServiceQuality.Messaging;
using ServiceQuality.Scores;
using ServiceQuality.Scores.Silo.Cluster;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ScoresService.Name);
// First of all that starts, hence last of all that stops: whoever calls branches has stopped before.
builder.AddSilo();
builder.AddScores();
builder.AddBus(ScoresService.Name);

var app = builder.Build();
app.UseServiceDefaults();
app.MapScores();
await app.RunServiceAsync(args);
