export const turning = async () => undefined;
