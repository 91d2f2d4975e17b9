namespace GanFromScratch.Tensors;

/// <content>Events around launches, for GAN_DEBUG=2.</content>
public sealed partial class AcceleratorDevice
{
    private nint Recorded()
    {
        nint evt = 0;
        try
        {
            _queue.Record(ref evt);
            return evt;
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("was timed", fault);
        }
    }

    private double Milliseconds(RunEvents events)
    {
        _queue.Wait(events.To);
        double milliseconds = _queue.Milliseconds(events.From, events.To);
        _queue.Release(events.From);
        _queue.Release(events.To);
        return milliseconds;
    }
}
