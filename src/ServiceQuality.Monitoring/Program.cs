using ServiceQuality;
using ServiceQuality.Messaging;
using ServiceQuality.Monitoring;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("monitoring");
builder.AddMonitoring();
builder.AddBus("monitoring");

var app = builder.Build();
app.UseServiceDefaults();
app.MapMonitoring();
await app.RunServiceAsync(args);
